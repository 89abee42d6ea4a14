import type { Readable } from 'node:stream'
import { OmegaError } from '../core/errors.ts'
import type { Offering } from '../core/host-provider.ts'
import { quote } from '../core/names.ts'
import { type HostSetup, hostVersion, userData } from '../core/user-data.ts'
import { version } from '../drivers/package-root.ts'
import type { Config } from './config.ts'
import { parseDuration } from './duration.ts'
import { listOf } from './pairs.ts'

/** How the master gets hosts by itself; undefined where it does not. INVALID_REQUEST says what is missing. */
export async function scalingOf(config: Config) {
  if (config.need('provider') === 'none') return undefined
  const maxHosts = config.number('max-hosts')
  if (maxHosts === undefined) {
    throw new OmegaError(
      'INVALID_REQUEST',
      '--provider is given, and --max-hosts is missing. Say how many machines there may be at once: each costs money.',
    )
  }
  const capacity = capacityOf(config)
  const minHosts = config.number('min-hosts') ?? 0
  const idleMs = parseDuration('host-idle', config.need('host-idle')) * 1000
  const maxHourly = config.number('max-spend')
  const fleet = config.need('fleet')
  const build = await (await import('../drivers/image-archive.ts')).programBuild()
  const masterUrl = config.text('host-master-url')
  return {
    provider: await ec2Of(config, fleet),
    ...(build && { version: hostVersion(version, build) }),
    offerings: parseOfferings(config.text('offerings') ?? ''),
    settings: {
      ...{ minHosts, capacity, idleMs, quietMs: idleMs },
      headroom: config.number('headroom') ?? (minHosts === 0 ? 0 : Math.floor(capacity / 2)),
    },
    limits: {
      maxHosts,
      maxPerHour: config.number('max-launches') ?? 3 * maxHosts,
      ...(maxHourly === undefined ? {} : { maxHourly }),
    },
    userData: (launchId: string, joinToken: string, masterUrl: string) =>
      userDataOf(config, { launchId, joinToken, masterUrl, ...(build && { build }) }),
    ...(masterUrl === undefined ? {} : { masterUrl }),
  }
}

const capacityOf = (config: Config) => config.number('host-capacity') ?? 10

/** What a machine runs at its first boot to become a host of the fleet these settings are of. */
export function userDataOf(config: Config, setup: HostSetup & { launchId?: string }): string {
  return userData({
    ...setup,
    fleet: config.need('fleet'),
    capacity: capacityOf(config),
    warm: config.number('host-warm') ?? 2,
    address: config.need('host-address') as 'public' | 'private',
    settings: handedOn(config, setup.launchId !== undefined),
  })
}

/** What machines on their way get from a master of its own; undefined where hosts are not its business. */
export function imagesOf(config: Config): (() => Promise<Readable>) | undefined {
  const templates = config.text('host-templates')
  if (templates === undefined) return undefined
  return async () => (await import('../drivers/image-archive.ts')).imageArchive(listOf(templates))
}

/** A machine that nobody looks after costs money. */
const ORPHANED_AFTER = '30m'

/** What the operator said about sandboxes to the master, and its hosts are to know. */
function handedOn(config: Config, isOurs: boolean): Record<string, string> {
  const flags = ['sandbox-memory', 'sandbox-cpus', 'sandbox-pids', 'disk', 'sleep-after', 'stop-after', 'sandbox-ports']
  const given: [string, string | undefined][] = flags.map((flag) => [flag, config.text(flag as never)])
  const orphaned = config.need('orphaned-after')
  given.push(['orphaned-after', orphaned === '0' && isOurs ? ORPHANED_AFTER : orphaned])
  return Object.fromEntries(given.filter((pair): pair is [string, string] => pair[1] !== undefined))
}

async function ec2Of(config: Config, fleet: string) {
  const { Ec2 } = await import('../drivers/ec2.ts')
  const image = config.text('ec2-image')
  const region = config.text('ec2-region')
  if (!image) {
    throw new OmegaError(
      'INVALID_REQUEST',
      '--provider is ec2, and --ec2-image is missing. docs/ec2.md says how to choose.',
    )
  }
  const keyName = config.text('ec2-key-name')
  const diskGib = config.number('ec2-disk')
  return new Ec2({
    ...{ fleet, image, securityGroups: listOf(config.text('ec2-security-groups') ?? '') },
    ...(region === undefined ? {} : { region }),
    ...(keyName === undefined ? {} : { keyName }),
    ...(diskGib === undefined ? {} : { diskGib }),
  })
}

/** `m7i.large@eu-central-1a:spot:0.04,m7i.large`. */
export function parseOfferings(text: string): Offering[] {
  const offerings = listOf(text).map((each) => {
    const match = /^([a-z0-9.-]+)(?:@([A-Za-z0-9-]+))?(:spot|:on-demand)?(?::(\d+(?:\.\d+)?))?$/.exec(each)
    if (!match) {
      throw new OmegaError(
        'INVALID_REQUEST',
        `--offerings has ${quote(each)}. Allowed is TYPE[@ZONE or SUBNET][:spot][:DOLLARS an hour], as m7i.large@eu-central-1a:spot:0.04.`,
      )
    }
    const [, type = '', place, market, hourly] = match
    return {
      ...{ type, market: market === ':spot' ? 'spot' : 'on-demand' },
      ...(place === undefined ? {} : { place }),
      ...(hourly === undefined ? {} : { hourly: Number(hourly) }),
    } as Offering
  })
  if (offerings.length > 0) return offerings
  throw new OmegaError(
    'INVALID_REQUEST',
    '--provider is given, and --offerings is missing. Name a machine type, as m7i.large.',
  )
}
