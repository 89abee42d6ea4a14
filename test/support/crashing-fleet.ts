import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { networkOf } from '../../src/core/sandbox-network.ts'
import { derive } from '../../src/drivers/credentials.ts'
import { HostFirewall } from '../../src/drivers/host-firewall.ts'
import { createLog } from '../../src/drivers/log.ts'
import { packageRoot } from '../../src/drivers/package-root.ts'
import type { Pace } from '../../src/roles/master/pace.ts'
import { freePort } from './free-port.ts'
import { PrivateEngine } from './private-engine.ts'
import { type PrivateRedis, startRedis } from './redis.ts'
import { bundleRoles, type RoleConfigs, type RoleName, type RoleProcess, runRole } from './role-process.ts'
import { buildStubImage } from './stub-image.ts'

/** All waits, so short that a fleet settles within seconds; their order and proportions are the usual ones. */
const pace: Pace = {
  everyMs: 100,
  leaseMs: 1_000,
  inventoryEveryMs: 250,
  silentAfterMs: 1_500,
  lostAfterMs: 4_500,
  suspectMs: 1_200,
  tellAgainMs: 600,
  placingDeadlineMs: 8_000,
  deletingGraceMs: 200,
  deletingDeadlineMs: 30_000,
}

export const addresses = ['127.0.0.2', '127.0.0.3'] as const
export const roles = ['master', 'dns', ...addresses] as const
export type Part = (typeof roles)[number]

/** One host keeps containers ready, the other starts each when it is asked for. */
export const POOL_HOST = addresses[0]
/** Of each host. */
export const CAPACITY = 4
export const TEMPLATE = 'static'
/** Tries, 200 ms apart, as a supervisor starts what ended. */
const STARTS = 20
const logsOf = (part: string) => process.env.OMEGA_SCHEDULE_LOGS && join(process.env.OMEGA_SCHEDULE_LOGS, `${part}.log`)
const SECRET = 'a secret for tests only'

/** A whole fleet with an engine and a Redis of its own, whose parts can be ended and started again one by one. */
export class CrashingFleet {
  readonly name: string
  readonly domain = 'omega.test'
  readonly token = derive(SECRET, 'api')
  readonly engine: PrivateEngine
  readonly redis: PrivateRedis
  readonly #program: string
  readonly #folder: string
  readonly #ports: Record<Part | 'query', number>
  readonly #running = new Map<Part, RoleProcess>()
  readonly #removeImage: () => void
  readonly #turns = new Map<string, Promise<void>>()

  private constructor(
    parts: { name: string; engine: PrivateEngine; redis: PrivateRedis; program: string; folder: string },
    ports: Record<Part | 'query', number>,
    removeImage: () => void,
  ) {
    this.name = parts.name
    this.engine = parts.engine
    this.redis = parts.redis
    this.#program = parts.program
    this.#folder = parts.folder
    this.#ports = ports
    this.#removeImage = removeImage
  }

  static async start(name: string): Promise<CrashingFleet> {
    const folder = mkdtempSync(join(tmpdir(), 'omega-crashing-'))
    const [engine, redis, program] = await Promise.all([
      PrivateEngine.start(logsOf('engine')),
      startRedis(),
      bundleRoles(folder),
    ])
    const ports = { master: 0, dns: 0, query: 0, '127.0.0.2': 0, '127.0.0.3': 0 }
    for (const key of Object.keys(ports) as (keyof typeof ports)[]) ports[key] = await freePort()
    const removeImage = buildStubImage(TEMPLATE, {}, engine.host)
    const fleet = new CrashingFleet({ name, engine, redis, program, folder }, ports, removeImage)
    try {
      for (const part of roles) await fleet.startPart(part)
      return fleet
    } catch (error) {
      await fleet.close()
      throw error
    }
  }

  get masterUrl(): string {
    return `http://127.0.0.1:${this.#ports.master}`
  }

  get dnsUrl(): string {
    return `http://127.0.0.1:${this.#ports.dns}`
  }

  get dnsToken(): string {
    return derive(SECRET, 'dns')
  }

  get queryPort(): number {
    return this.#ports.query
  }

  async startPart(part: Part): Promise<void> {
    const [role, config] = this.#configOf(part)
    this.#running.set(part, await runRole(this.#program, role, config as never, { logFile: logsOf(part) }))
  }

  /** Ends it as a crash does, then starts it again, as often as it takes: what it needs may be away, too. */
  crash(part: Part): Promise<void> {
    return this.#inTurn(part, async () => {
      await this.#running.get(part)?.kill()
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.startPart(part)
        } catch (error) {
          if (attempt === STARTS) throw error
          await sleep(200)
        }
      }
    })
  }

  restartRedis(signal: NodeJS.Signals): Promise<void> {
    return this.#inTurn('redis', async () => {
      if (signal === 'SIGKILL') await this.redis.kill()
      await this.redis.restart()
    })
  }

  restartEngine(signal: NodeJS.Signals): Promise<void> {
    return this.#inTurn('engine', () => this.engine.restart(signal))
  }

  /** What befalls the same part comes one after another. */
  async #inTurn(what: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(what) ?? Promise.resolve()).then(work)
    this.#turns.set(
      what,
      turn.catch(() => undefined),
    )
    await turn
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) await running.kill()
    this.#removeImage()
    await this.engine.close()
    await this.redis.close()
    await new HostFirewall({ network: networkOf(this.name), log: createLog('test', 'silent', 2) }).remove()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #configOf(part: Part): [RoleName, RoleConfigs[RoleName]] {
    const { name: fleet, domain, redis } = this
    const dataDir = join(this.#folder, part)
    if (part === 'dns') {
      const at = {
        dnsAddress: '127.0.0.1',
        dnsPort: this.#ports.query,
        httpAddress: '127.0.0.1',
        httpPort: this.#ports.dns,
      }
      return ['dns', { ...at, domain, dataDir, fleet, redis: redis.url, token: this.dnsToken, nameServers: [], ttl: 1 }]
    }
    const shared = { listen: '127.0.0.1', port: this.#ports[part], dataDir, fleet }
    if (part === 'master') {
      return ['master', { ...shared, domain, secret: SECRET, redis: redis.url, dnsUrl: this.dnsUrl, ttl: 1, pace }]
    }
    const first = 23_000 + 500 * addresses.indexOf(part)
    return [
      'manager',
      {
        ...shared,
        listen: part,
        address: part,
        masterUrl: this.masterUrl,
        joinToken: derive(SECRET, 'join'),
        capacity: CAPACITY,
        runtime: 'docker',
        dockerHost: this.engine.host,
        portRange: [first, first + 499],
        limits: { memoryMiB: 256, cpus: 1, pids: 64, diskBytes: 0 },
        omegaPath: join(packageRoot, 'dist/bin/omega.js'),
        warm: part === POOL_HOST ? 1 : 0,
        warmRestMs: 100,
        endedRestMs: 3_000,
        healthyWithinMs: 8_000,
        leftoverGraceMs: 2_000,
        beatEveryMs: 300,
        tickEveryMs: 500,
      },
    ]
  }
}
