import { totalmem } from 'node:os'
import { join } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import type { RunningRole } from '../core/role.ts'
import { derive } from '../drivers/credentials.ts'
import type { Logger } from '../drivers/log.ts'
import { packageRoot } from '../drivers/package-root.ts'
import { webhookTargets } from '../drivers/webhook-sender.ts'
import { bytesOf } from './byte-size.ts'
import type { Config } from './config.ts'
import { dataDirOf, fleetSecret } from './data-dir.ts'
import { parseDuration } from './duration.ts'
import { imagesOf, scalingOf } from './scaling.ts'

export const roleNames = ['dns', 'master', 'manager', 'worker'] as const
export type RoleName = (typeof roleNames)[number]

/** Where roles of one process find each other. */
export interface Neighbours {
  alone: boolean
  dnsUrl?: string
  masterUrl?: string
}

type Starter<Role extends RunningRole = RunningRole> = (config: Config, near: Neighbours, log: Logger) => Promise<Role>

const optional = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [key in Key]?: Value }

/** The Redis to keep the state in; undefined for the embedded store. */
function redisOf(config: Config): string | undefined {
  const [store, redis] = [config.text('store'), config.text('redis')]
  if (store === 'redis' && !redis) {
    throw new OmegaError(
      'INVALID_REQUEST',
      '--store is redis, and --redis is missing. Give its URL: --redis redis://HOST:PORT.',
    )
  }
  return store === 'embedded' ? undefined : redis
}

/** `--port` is the port of a role that is alone, and the master's beside others. */
function portOf(config: Config, near: Neighbours, own: 'manager-port' | 'dns-port' | undefined, usual: number): number {
  const general = near.alone || own === undefined ? config.number('port') : undefined
  return general ?? (near.alone || own === undefined ? undefined : config.number(own)) ?? usual
}

export async function startDns(config: Config, near: Neighbours, log: Logger) {
  const { start } = await import('../roles/dns/index.ts')
  const listen = config.text('listen') ?? '127.0.0.1'
  const domain = config.need('domain')
  return start({
    domain,
    dnsAddress: config.text('dns-listen') ?? listen,
    dnsPort: config.number('dns-port') ?? (near.alone ? config.number('port') : undefined) ?? 53,
    httpAddress: listen,
    httpPort: config.number('dns-http-port') ?? 8053,
    token: derive(fleetSecret(config), 'dns'),
    dataDir: dataDirOf(config),
    fleet: config.need('fleet'),
    nameServers: nameServers(config),
    ttl: config.number('ttl') ?? 5,
    log,
    ...optional('redis', redisOf(config)),
  })
}

function nameServers(config: Config): { name: string; addresses: string[] }[] {
  const given = config.text('nameserver')
  if (!given) return []
  return given.split(',').map((pair) => {
    const [name = '', address = ''] = pair.split('=')
    if (!name || !address) {
      throw new OmegaError('INVALID_REQUEST', `--nameserver has ${pair}. Allowed is NAME=IP, several with commas.`)
    }
    return { name, addresses: [address] }
  })
}

export async function startMaster(config: Config, near: Neighbours, log: Logger) {
  const { start } = await import('../roles/master/index.ts')
  const scaling = await scalingOf(config)
  const dnsUrl = near.dnsUrl ?? config.text('dns-url') ?? 'http://127.0.0.1:8053'
  return start({
    listen: config.text('listen') ?? '127.0.0.1',
    port: portOf(config, near, undefined, 8080),
    domain: config.need('domain'),
    dataDir: dataDirOf(config),
    fleet: config.need('fleet'),
    secret: fleetSecret(config),
    ttl: config.number('ttl') ?? 5,
    webhooks: webhookTargets(config.text('webhook') ?? ''),
    log,
    ...(config.on('no-dns') ? {} : { dnsUrl }),
    ...optional('publicUrl', config.text('public-url')),
    ...optional('images', imagesOf(config)),
    ...optional('scaling', scaling),
    ...optional('maxSandboxes', config.number('max-sandboxes')),
    ...optional('redis', redisOf(config)),
  })
}

export async function startManager(config: Config, near: Neighbours, log: Logger) {
  const { start } = await import('../roles/manager/index.ts')
  const address = config.need('address')
  return start({
    listen: config.text('listen') ?? (near.alone ? address : '127.0.0.1'),
    port: portOf(config, near, 'manager-port', 7070),
    address,
    masterUrl: near.masterUrl ?? config.text('master-url') ?? 'http://127.0.0.1:8080',
    joinToken: config.text('join-token') ?? derive(fleetSecret(config), 'join'),
    fleet: config.need('fleet'),
    capacity: config.number('capacity') ?? capacityByMemory(config),
    runtime: config.need('runtime') as 'auto' | 'docker' | 'process',
    dataDir: dataDirOf(config),
    portRange: config.range('sandbox-ports'),
    limits: {
      memoryMiB: config.number('sandbox-memory') ?? 2048,
      cpus: config.number('sandbox-cpus') ?? 2,
      pids: config.number('sandbox-pids') ?? 512,
      diskBytes: bytesOf(config.need('disk')) ?? 0,
    },
    ...optional('build', config.text('build')),
    ...optional('instanceMetadata', config.text('instance-metadata')),
    omegaPath: join(packageRoot, 'dist/bin/omega.js'),
    warm: config.number('warm') ?? 0,
    sleepAfterMs: periodOf(config, 'sleep-after'),
    stopAfterMs: periodOf(config, 'stop-after'),
    orphanedAfterMs: periodOf(config, 'orphaned-after'),
    log,
    ...optional('apiUrl', config.text('api-url')),
    ...optional('dockerHost', config.text('docker-host')),
  })
}

/** Milliseconds of `30m`; 0 for `0`. */
function periodOf(config: Config, flag: 'sleep-after' | 'stop-after' | 'orphaned-after'): number {
  const text = config.need(flag)
  return text === '0' ? 0 : parseDuration(flag, text) * 1000
}

export const startWorker: Starter = async (config, near, log) => {
  const { start } = await import('../roles/worker/index.ts')
  const { homedir } = await import('node:os')
  return start({
    listen: config.text('listen') ?? '127.0.0.1',
    port: portOf(config, near, undefined, 8080),
    root: config.need('root'),
    templateDir: config.need('template-dir'),
    stateDir: config.text('state-dir') ?? join(homedir(), '.omega-worker'),
    domain: config.need('domain'),
    appPort: config.number('app-port'),
    claimHash: config.text('claim-hash'),
    log,
  })
}

/** Which roles `--role` asks for, in the order they are started in. */
export function parseRoles(given: readonly string[]): RoleName[] {
  const wanted = new Set(given.flatMap((text) => text.split(',')).map((text) => text.trim()))
  if (wanted.delete('all')) for (const name of ['dns', 'master', 'manager']) wanted.add(name)
  const wrong = [...wanted].filter((name) => !(roleNames as readonly string[]).includes(name))
  if (wrong.length > 0 || wanted.size === 0) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `--role is ${wrong.length > 0 ? wrong.join(', ') : 'missing'}. Allowed are master, manager, worker, dns, several with commas, or all.`,
    )
  }
  return roleNames.filter((name) => wanted.has(name))
}

/** A quarter of the sandboxes' limit is what an idle one takes; the machine itself keeps 1.5 GiB. */
function capacityByMemory(config: Config): number {
  const memoryMiB = totalmem() / 1024 ** 2 - 1536
  return Math.max(1, Math.floor(memoryMiB / ((config.number('sandbox-memory') ?? 2048) / 4)))
}
