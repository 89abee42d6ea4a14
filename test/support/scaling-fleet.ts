import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FleetStore } from '../../src/core/fleet-store.ts'
import { LOST_AFTER_MS, SILENT_AFTER_MS } from '../../src/core/host.ts'
import type { Launch, LaunchStore } from '../../src/core/launch.ts'
import type { Sandbox } from '../../src/core/sandbox.ts'
import { EmbeddedFleetStore } from '../../src/drivers/embedded-fleet-store.ts'
import { EmbeddedLaunchStore } from '../../src/drivers/embedded-launch-store.ts'
import { createLog } from '../../src/drivers/log.ts'
import { FleetScaler, type ScalerParts } from '../../src/roles/master/fleet-scaler.ts'
import { usualScalingPace } from '../../src/roles/master/scaling-config.ts'
import { newSandbox } from './fleet-store-conformance.ts'
import { MemoryProvider } from './memory-provider.ts'

/** The master that does this is gone, in the middle of a call: before it had an effect, or after it. */
export class Crash extends Error {}

const CAPACITY = 2
/** From a machine's first moment to its manager's registration. */
const BOOT_MS = 20_000

/** A fleet's scaling on a clock of its own: real stores, a provider in memory, hosts that join by themselves. */
export class ScalingFleet {
  readonly provider = new MemoryProvider()
  readonly store: FleetStore
  launches: LaunchStore
  scaler: FleetScaler
  now = 1_700_000_000_000
  /** Machines whose manager never joins. */
  readonly dead = new Set<string>()
  /** Addresses of hosts that nobody hears of. */
  readonly muted = new Set<string>()
  /** Hosts whose sandboxes were to move. */
  readonly evacuated = new Set<string>()
  /** The call that is the last one of the master that makes it, counted from here; and whether it has its effect. */
  crashAt = Number.POSITIVE_INFINITY
  crashAfter = false
  calls = 0
  crashes = 0
  readonly #dir: string
  #crashed = false

  private constructor(dir: string, store: FleetStore, launches: LaunchStore) {
    this.#dir = dir
    this.store = store
    this.launches = launches
    this.scaler = this.another()
  }

  static async open(): Promise<ScalingFleet> {
    const dir = await mkdtemp(join(tmpdir(), 'omega-growing-'))
    let clock = () => 0
    const store = await EmbeddedFleetStore.open(join(dir, 'fleet'), createLog('test', 'silent', 2), () => clock())
    const launches = await EmbeddedLaunchStore.open(join(dir, 'launches'), () => clock())
    const fleet = new ScalingFleet(dir, store, launches)
    clock = () => fleet.now
    return fleet
  }

  /** The scaling of another master. */
  another(more: Partial<ScalerParts> = {}): FleetScaler {
    this.#crashed = false
    return new FleetScaler({
      provider: this.#fragile(this.provider),
      offerings: [
        { type: 'small', market: 'spot', hourly: 0.1 },
        { type: 'small', market: 'on-demand', hourly: 0.3 },
      ],
      settings: { minHosts: 0, capacity: CAPACITY, headroom: 0, idleMs: 60_000, quietMs: 60_000 },
      limits: { maxHosts: 3, maxPerHour: 20 },
      userData: (launchId, token) => `${launchId} ${token}`,
      pace: usualScalingPace,
      store: this.#fragile(this.store),
      launches: this.#fragile(this.launches),
      lifecycle: this.#fragile({
        forget: async ({ id }: Sandbox) => void (await this.store.remove(id, true)),
      }),
      evacuation: { look: async (address) => void this.evacuated.add(address) },
      masterUrl: () => 'http://master',
      secret: 'a secret for tests only',
      holder: `master-${Math.random()}`,
      log: createLog('test', 'silent', 2),
      now: () => this.now,
      ...more,
    })
  }

  /** Time goes on in seconds: passes, boots, requests that wait. A master that is gone is followed by another one. */
  async pass(seconds: number): Promise<void> {
    for (let step = 0; step < seconds; step++) {
      this.now += 1_000
      this.provider.now = this.now
      await this.scaler.pass().catch((error: unknown) => {
        if (!this.#crashed) throw error
      })
      // What a pass began in the background has no clock of its own.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      if (this.#crashed) {
        this.crashes++
        this.crashAt = Number.POSITIVE_INFINITY
        this.scaler = this.another()
      }
      await this.#boot()
      for (const { address } of await this.store.listHosts()) {
        const isHeard = this.provider.running.some((machine) => machine.address === address)
        if (isHeard && !this.muted.has(address)) await this.store.beat(address)
      }
      await this.store.markSilent(SILENT_AFTER_MS, LOST_AFTER_MS)
    }
  }

  /** Places a sandbox, or has it stand in line; `true` once it has a place. */
  async want(id: string): Promise<boolean> {
    const answer = await this.store.place(newSandbox(id))
    if (answer.outcome === 'placed') {
      await this.launches.leave(id)
      return true
    }
    await this.launches.wait(id)
    return false
  }

  /** Waits with all of these until each has a place; false if one has none in this time. */
  async serve(ids: readonly string[], seconds = 120): Promise<boolean> {
    const open = new Set(ids)
    for (let step = 0; step < seconds && open.size > 0; step++) {
      for (const id of open) if (await this.want(id)) open.delete(id)
      await this.pass(1)
    }
    return open.size === 0
  }

  /** The launches' part of what FLUSHALL does; the master's lease is gone with it. */
  async loseLaunches(): Promise<void> {
    await this.launches.close()
    this.launches = await EmbeddedLaunchStore.open(join(this.#dir, `launches-${this.now}`), () => this.now)
    this.now += 30_000
    this.scaler = this.another()
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.store.remove(`sb_${id}`)
  }

  async close(): Promise<void> {
    await this.store.close()
    await this.launches.close()
    await rm(this.#dir, { recursive: true, force: true })
  }

  /** Machines of some age register and join, as their user-data does. */
  async #boot(): Promise<void> {
    const launches = new Map((await this.launches.list()).map((launch) => [launch.id, launch]))
    for (const machine of this.provider.running) {
      const launch = launches.get(machine.launchId ?? '')
      const isDue = this.now - machine.launchedAt >= BOOT_MS && !this.dead.has(machine.id)
      if (!launch || !isDue || launch.state === 'joined' || launch.state === 'ending') continue
      await this.#join(launch, machine.address ?? '')
    }
  }

  async #join(launch: Launch, address: string): Promise<void> {
    if (!(await this.launches.join(launch.joinHash, address))) return
    await this.store.register({
      address,
      apiUrl: `http://${address}`,
      capacity: CAPACITY,
      runtime: 'docker',
      version: '1',
    })
  }

  /** The same thing, until the call that is the master's last. */
  #fragile<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value = Reflect.get(object, name) as unknown
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          if (this.#crashed) throw new Crash()
          if (++this.calls < this.crashAt) return value.apply(object, args)
          this.#crashed = true
          if (this.crashAfter) await value.apply(object, args)
          throw new Crash()
        }
      },
    })
  }
}
