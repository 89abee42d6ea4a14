import { availableParallelism, freemem, loadavg, networkInterfaces, totalmem } from 'node:os'
import { join } from 'node:path'
import type { ContainerEngine, Limits } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import type { NewHost } from '../../core/host.ts'
import type { RunningRole } from '../../core/role.ts'
import { hostVersion } from '../../core/user-data.ts'
import { run } from '../../drivers/command.ts'
import { DockerEngine } from '../../drivers/docker-engine.ts'
import { HostFirewall } from '../../drivers/host-firewall.ts'
import { HostKey } from '../../drivers/host-key.ts'
import { InstanceMetadata } from '../../drivers/instance-metadata.ts'
import type { Logger } from '../../drivers/log.ts'
import { packageRoot, version } from '../../drivers/package-root.ts'
import { PortRange } from '../../drivers/port-range.ts'
import { ProcessEngine, type ProcessTemplates, requireLoopback } from '../../drivers/process-engine.ts'
import { ReleaseStack } from '../../drivers/release-stack.ts'
import { repeat } from '../../drivers/repeating.ts'
import { SandboxSecrets } from '../../drivers/sandbox-secrets.ts'
import { TemplateCatalog } from '../../drivers/template-catalog.ts'
import { ensureTemplateFolder } from '../../drivers/template-folder.ts'
import { createWebApp } from '../../drivers/web-app.ts'
import { registerApi } from './api.ts'
import { Containers } from './containers.ts'
import { DeadMansSwitch } from './dead-mans-switch.ts'
import { DiskWatch } from './disk-watch.ts'
import { Door } from './door.ts'
import { Idleness } from './idleness.ts'
import { LeaveWatch } from './leave-watch.ts'
import { LoadWatch } from './load-watch.ts'
import { ManagerMetrics } from './metrics.ts'
import { moveRoutes } from './move-routes.ts'
import { Registration } from './registration.ts'
import { tellDisk } from './worker-client.ts'

export interface ManagerConfig {
  /** Where its own API listens. */
  listen: string
  port: number
  /** The host's address in the fleet: what its sandboxes' names resolve to. */
  address: string
  /** Where the master reaches the API; made from listen, address and the port if absent. */
  apiUrl?: string
  masterUrl: string
  joinToken: string
  fleet: string
  /** How many sandboxes the host may hold. */
  capacity: number
  /** `auto`: Docker if an engine answers, else plain processes. */
  runtime: 'auto' | 'docker' | 'process'
  dockerHost?: string
  dataDir: string
  /** Host ports for sandboxes, both ends included. */
  portRange: [number, number]
  limits: Limits
  /** The built executable, for the process runtime. */
  omegaPath: string
  /** For the process runtime; the installation's own if absent. */
  templates?: ProcessTemplates
  log: Logger
  /** Containers kept ready of each template in use; none if absent. */
  warm?: number
  /** Nobody and nothing used a sandbox for this long: it is frozen. 0 or absent for never. */
  sleepAfterMs?: number
  /** One was frozen for this long: it is stopped. 0 or absent for never. */
  stopAfterMs?: number
  /** How long a container that ended by itself is left to the engine. */
  endedRestMs?: number
  /** How long a worker may take to answer after its container was started. */
  healthyWithinMs?: number
  /** How long a container that nobody took may lie there. */
  leftoverGraceMs?: number
  /** Quiet time before the pool is filled again. */
  warmRestMs?: number
  /** Where the machine's provider says that it takes it back (IMDSv2); absent where nobody does. */
  instanceMetadata?: string
  /** Told beside the version: what an image of omega was built from. */
  build?: string
  /** Without a master for so long the machine turns itself off; never if absent. */
  orphanedAfterMs?: number
  beatEveryMs?: number
  tickEveryMs?: number
}

export interface RunningManager extends RunningRole {
  /** What it registers with the master. */
  host: NewHost
  /** Resolves once the sandboxes that were stopped when it started answer again, or have had their time. */
  resumed: Promise<void>
  /** Stops all containers of this host, keeping their files; `close` alone leaves them running. */
  stopAll(): Promise<void>
}

/**
 * Starts at once. Measured with Docker on two processors, twelve starts: 1 at a time 4.2 s (0.34 s each), 2: 3.6 s (0.63),
 * 4: 3.4 s (1.0), 8: 3.4 s (2.2). Beyond the processors there is nothing to win, and each start only takes longer.
 */
const CONCURRENT_STARTS = Math.min(8, Math.max(2, availableParallelism() + 1))
const HEALTHY_WITHIN_MS = 30_000
const LEFTOVER_GRACE_MS = 60_000
/** Docker gives containers 15 s when it shuts down. */
const ENDED_REST_MS = 20_000
/** A page and its app are loaded by then. */
const WARM_REST_MS = 4_000
const TICK_EVERY_MS = 15_000
const LOOK_EVERY_MS = 5_000
/** A fast disk takes a gigabyte meanwhile. */
const DISK_EVERY_MS = 2_000
/** Made ready before anybody asks: what is asked for most. */
const FIRST_TEMPLATES = ['react']
const FIREWALL_EVERY_MS = 30_000
const ORPHANED_EVERY_MS = 5_000

/** Starts the manager of one host. It serves at once; the master may come later. */
export async function start(config: ManagerConfig): Promise<RunningManager> {
  const { log, capacity, limits } = config
  const release = new ReleaseStack()
  try {
    const { engine, firewall } = await openEngine(config, release)
    const metrics = new ManagerMetrics(
      () => containers.count(),
      () => firewall?.status.enforced === true,
    )
    const secrets = new SandboxSecrets(config.dataDir, config.address)
    await secrets.load()
    const warm = config.warm ?? 0
    const templates = warm > 0 ? await engine.templates().catch(() => []) : []
    const { beatEveryMs } = config
    const registration = new Registration({
      masterUrl: config.masterUrl,
      joinToken: config.joinToken,
      key: new HostKey(config.dataDir, config.address),
      log,
      onDomain: (domain) => containers.begin(domain),
      load: () => loadWatch.look(),
      ...(beatEveryMs === undefined ? {} : { beatEveryMs }),
    })
    const containers: Containers = new Containers(
      {
        engine,
        secrets,
        ports: new PortRange(config.portRange),
        capacity,
        limits,
        log,
        concurrency: CONCURRENT_STARTS,
        // Plain processes have no engine that could shut down.
        endedRestMs: engine.runtime === 'docker' ? (config.endedRestMs ?? ENDED_REST_MS) : 0,
        healthyWithinMs: config.healthyWithinMs ?? HEALTHY_WITHIN_MS,
        leftoverGraceMs: config.leftoverGraceMs ?? LEFTOVER_GRACE_MS,
        warm: {
          size: warm,
          first: FIRST_TEMPLATES.filter((name) => templates.includes(name)),
          restMs: config.warmRestMs ?? WARM_REST_MS,
        },
        requireRoom: () => diskWatch.requireRoom(),
        onStarted: (timings, origin) => metrics.started(timings, origin),
        onChange: (change) => registration.reports.note(change),
        now: Date.now,
      },
      (owner) =>
        new Door({
          address: doorAddress(config.address, log),
          ownerOf: (port) => owner.ownerOf(port),
          wake: (sandboxId, cause) => owner.wakeFor(sandboxId, cause),
          now: Date.now,
          log,
        }),
    )
    const idleness = new Idleness({
      containers,
      sleepAfterMs: config.sleepAfterMs ?? 0,
      stopAfterMs: config.stopAfterMs ?? 0,
      onKept: (sandboxId, at) => registration.reports.note({ sandboxId, state: 'kept', cause: 'page', at }),
      freeMemory,
      now: Date.now,
      log,
    })
    const limitBytes = limits.diskBytes ?? 0
    const diskWatch: DiskWatch = new DiskWatch({
      disk: engine.disk,
      containers,
      limitBytes,
      tell: async (container, usedBytes, leftMs) => {
        const worker = containers.workerOf(container)
        if (worker) await tellDisk(worker, { usedBytes, limitBytes, ...(leftMs === undefined ? {} : { leftMs }) })
      },
      now: Date.now,
      log,
    })
    const metadata = config.instanceMetadata && new InstanceMetadata(config.instanceMetadata)
    const leaveWatch = metadata
      ? new LeaveWatch({
          takenBackAt: () => metadata.takenBackAt(),
          onNotice: () => registration.hurry(),
          log,
        })
      : undefined
    const loadWatch = new LoadWatch({
      measure: () => ({
        freeMemory: freeMemory(),
        load: (loadavg()[0] ?? 0) / availableParallelism(),
        ...(leaveWatch?.leavesAt !== undefined && { leavesAt: leaveWatch.leavesAt }),
      }),
      room: () => diskWatch.room,
      log,
    })
    const ready = async () => {
      await engine.ping()
      if (registration.hostKey === undefined) {
        throw new OmegaError('NOT_READY', `Not registered with the master at ${config.masterUrl} yet.`)
      }
      const fence = firewall?.status ?? { enforced: false, reason: 'no containers' }
      return { runtime: engine.runtime, firewall: fence, disk: diskWatch.status }
    }
    const app = createWebApp({ log, ready, metrics: metrics.registry, longBodies: moveRoutes })
    registerApi(app, { containers, hostKey: () => registration.keyInSight() })
    await app.listen({ host: config.listen, port: config.port })
    release.add(app, () => app.close())
    const bound = app.server.address()
    const taken = typeof bound === 'object' && bound ? bound.port : config.port
    const url = `http://${inUrl(config.listen)}:${taken}`

    // What an earlier manager of this host left is counted before the master can ask for anything.
    await containers.refresh().catch((error) => log.error({ err: error }, 'the containers could not be counted yet'))
    const turns = (everyMs: number, work: () => Promise<void>) => {
      const told = (err: unknown) => log.warn({ err }, 'the containers could not be looked at')
      return release.add(repeat(everyMs, work, told, 'at once'), (it) => it.stop())
    }
    const { first: resumed } = turns(config.tickEveryMs ?? TICK_EVERY_MS, () => containers.tick())
    turns(LOOK_EVERY_MS, () => idleness.turn())
    turns(DISK_EVERY_MS, () => diskWatch.turn())
    if (leaveWatch) turns(LOOK_EVERY_MS, () => leaveWatch.look())
    if (config.orphanedAfterMs) {
      const deadMansSwitch = new DeadMansSwitch({
        afterMs: config.orphanedAfterMs,
        silentMs: () => registration.silentMs,
        sandboxes: () => containers.owned().length,
        powerOff: async () => {
          await run('poweroff', [])
        },
        log,
      })
      turns(ORPHANED_EVERY_MS, () => deadMansSwitch.look())
    }
    release.add(containers, () => containers.close())

    const host: NewHost = {
      address: config.address,
      apiUrl: config.apiUrl ?? (isWildcard(config.listen) ? `http://${inUrl(config.address)}:${taken}` : url),
      capacity,
      runtime: engine.runtime,
      version: hostVersion(version, config.build),
    }
    release.add(registration, () => registration.close()).begin(host)
    log.info({ url, address: host.address, capacity, runtime: host.runtime }, 'the manager is up')
    return {
      url,
      host,
      resumed,
      close: () => release.close(),
      stopAll: () => containers.stopAll(),
    }
  } catch (error) {
    await release.close().catch(() => undefined)
    throw error
  }
}

async function openEngine(
  config: ManagerConfig,
  release: ReleaseStack,
): Promise<{ engine: ContainerEngine; firewall?: HostFirewall }> {
  const { runtime, log } = config
  if (runtime !== 'process') {
    const docker = new DockerEngine({
      ...(config.dockerHost === undefined ? {} : { dockerHost: config.dockerHost }),
      fleet: config.fleet,
      host: config.address,
      publish: process.platform !== 'linux' || config.dockerHost?.startsWith('tcp:') === true,
    })
    try {
      await docker.ping()
      await docker.ensureNetwork()
      await docker.openDisk()
      const firewall = new HostFirewall({ network: docker.network, log })
      await firewall.apply()
      firewall.watch(FIREWALL_EVERY_MS)
      release.add(firewall, () => firewall.close())
      release.add(docker, () => docker.close())
      return { engine: docker, firewall }
    } catch (error) {
      if (runtime === 'docker') throw error
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'Docker cannot be used')
    }
  }
  // The API, too: in `omega up` the master listens where we do, and its exec is a shell of this machine.
  requireLoopback(config.listen)
  requireLoopback(config.address)
  const engine = new ProcessEngine({
    dataDir: config.dataDir,
    host: config.address,
    listen: '127.0.0.1',
    omegaPath: config.omegaPath,
    templates: config.templates ?? installedTemplates(join(config.dataDir, 'templates'), log),
    log,
  })
  await engine.ping()
  release.add(engine, () => engine.close())
  return { engine }
}

/** The templates of this installation, made ready for plain processes when they are first asked for. */
function installedTemplates(cache: string, log: Logger): ProcessTemplates {
  const catalog = new TemplateCatalog(join(packageRoot, 'templates'))
  return {
    names: async () => (await catalog.list()).map(({ name }) => name),
    manifestFolder: (name) => catalog.folder(name),
    project: (name) => ensureTemplateFolder({ catalog, name, cache, onProgress: (line) => log.info(line) }),
  }
}

/** A cloud's public address is often not one of the machine's own (it is translated on the way in): then all of them. */
function doorAddress(address: string, log: Logger): string {
  const own = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map((network) => network.address))
  if (address.startsWith('127.') || own.includes(address)) return address
  log.info({ address }, 'the address is not one of this machine; serving sandboxes on all of its addresses')
  return address.includes(':') ? '::' : '0.0.0.0'
}

const freeMemory = () => freemem() / totalmem()

function isWildcard(listen: string): boolean {
  return listen === '0.0.0.0' || listen === '::'
}

function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
