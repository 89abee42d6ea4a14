import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import type { RunningRole } from '../core/role.ts'
import { derive } from '../drivers/credentials.ts'
import { call } from '../drivers/http-client.ts'
import { ReleaseStack } from '../drivers/release-stack.ts'
import { addSettings, type Config, readConfig } from './config.ts'
import { dataDirOf, fleetSecret, writeLogin } from './data-dir.ts'
import { say } from './output.ts'
import { type Neighbours, startDns, startManager, startMaster } from './roles.ts'
import { orSignal, untilSignal } from './shutdown.ts'

/** `omega up`: dns, master and manager on this machine, until Ctrl-C. */
export function upCommand(): Command {
  const command = new Command('up')
    .summary('run everything on this machine')
    .description(
      'Runs all roles on this machine until Ctrl-C. Sandboxes are stopped then and started again by the next `omega up`.',
    )
    .addHelpText('after', '\nExamples:\n  omega up\n  omega up --port 9000 --data-dir ./state --runtime process')
  addSettings(command, ['up'])
  return command.action((flags: Record<string, unknown>) => up(readConfig(flags)))
}

async function up(config: Config): Promise<void> {
  const dataDir = dataDirOf(config)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const logFile = config.text('log-file') ?? join(dataDir, 'omega.log')
  const { createLog } = await import('../drivers/log.ts')
  const log = createLog(undefined, config.need('log-level'), logFile)
  const signal = untilSignal(log)
  const began = performance.now()
  log.info({ settings: config.redacted() }, 'starting')

  // Nothing is open yet that would have to be closed: a signal may end a long image build at once.
  const runtime = await orSignal(prepareRuntime(config), signal)
  const resolved = config.with({ runtime, 'dns-port': config.text('dns-port') ?? '5300' })
  const release = new ReleaseStack()
  const keep = <Role extends RunningRole>(role: Role) => release.add(role, (it) => it.close())
  const near: Neighbours = { alone: false }
  try {
    const dns = keep(await startDns(resolved, near, log.child({ role: 'dns' })))
    near.dnsUrl = dns.url
    const master = keep(await startMaster(resolved, near, log.child({ role: 'master' })))
    near.masterUrl = master.url
    const manager = keep(await startManager(resolved, near, log.child({ role: 'manager' })))
    release.add(manager, (it) => it.stopAll())
    const secret = fleetSecret(resolved)
    writeLogin(dataDir, {
      url: master.url,
      token: derive(secret, 'api'),
      dnsUrl: dns.url,
      dnsToken: derive(secret, 'dns'),
    })
    await joined(manager)
    await manager.resumed

    say(`omega is up (${((performance.now() - began) / 1000).toFixed(1)} s)
  dashboard  ${master.signInUrl()}
  sandboxes  ${runtime === 'docker' ? 'in Docker containers' : 'as plain processes: NOT isolated, for your own code only'}, at most ${manager.host.capacity}
  dns        ${resolved.need('domain')} on port ${dns.dnsPort}
  log        ${logFile}
Ctrl-C stops everything; sandboxes keep their files.`)
    await signal
    say('stopping ...')
  } finally {
    await release.close()
    log.info('stopped')
  }
  say('omega is down; `omega up` brings the same sandboxes back.')
}

/** Docker when an engine answers, with the images it needs; plain processes otherwise, said loudly. */
async function prepareRuntime(config: Config): Promise<'docker' | 'process'> {
  const wanted = config.need('runtime')
  if (wanted === 'process') return 'process'
  const { connectDocker } = await import('../drivers/docker-connection.ts')
  const docker = connectDocker(config.text('docker-host'))
  try {
    await docker.ping()
  } catch (error) {
    const reason = (error as { code?: string }).code ?? (error as Error).message
    if (wanted === 'docker') {
      throw new OmegaError(
        'ENGINE_UNAVAILABLE',
        `The Docker Engine does not answer (${reason}). Start it, or use --runtime process.`,
      )
    }
    say(`No Docker Engine answers (${reason}): sandboxes run as plain processes of yours, WITHOUT isolation.`)
    return 'process'
  }
  const { ensureImages } = await import('../drivers/template-images.ts')
  await ensureImages({ docker, onProgress: (line: string) => say(`  ${line}`) })
  return 'docker'
}

/** A manager joins on its own, moments after it has started: what is printed next should be true. */
async function joined(manager: RunningRole): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return await call(`${manager.url}/readyz`)
    } catch (error) {
      if (tries === 99) throw error
      await sleep(100)
    }
  }
}
