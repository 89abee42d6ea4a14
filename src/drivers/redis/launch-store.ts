import type { Redis } from 'ioredis'
import type { Offering } from '../../core/host-provider.ts'
import {
  type Launch,
  type LaunchChange,
  type LaunchLimits,
  type LaunchState,
  type LaunchStore,
  type OrderAnswer,
  WAITING_LAPSES_AFTER_MS,
} from '../../core/launch.ts'
import { answered } from './connection.ts'
import { type FleetKeys, fleetKeys } from './keys.ts'
import type { Reply, Script } from './script.ts'
import { scripts } from './scripts.ts'

/** Launches in Redis, for any number of masters. Every step is one script; docs/redis.md lists the keys. */
export class RedisLaunchStore implements LaunchStore {
  readonly #client: Redis
  readonly #keys: FleetKeys

  /** Takes the client over: `close` ends it. */
  constructor(client: Redis, fleet: string) {
    this.#client = client
    this.#keys = fleetKeys(fleet)
  }

  async order(launch: Launch, limits: LaunchLimits, fence: number): Promise<OrderAnswer> {
    const { launches, launchTimes, launchFence } = this.#keys
    const { maxHosts, maxPerHour, maxHourly = '' } = limits
    const args = [fence, launch.id, JSON.stringify(launch), maxHosts, maxPerHour, maxHourly]
    const outcome = await this.#run(scripts.orderLaunch, [launches, launchTimes, launchFence], args)
    return { outcome } as OrderAnswer
  }

  async exchange(id: string, offering: Offering, limits: LaunchLimits, fence: number): Promise<OrderAnswer> {
    const { launches, launchFence } = this.#keys
    const args = [fence, id, JSON.stringify(offering), limits.maxHourly ?? '']
    return { outcome: await this.#run(scripts.exchangeLaunch, [launches, launchFence], args) } as OrderAnswer
  }

  async change(
    id: string,
    from: readonly LaunchState[],
    change: LaunchChange,
    fence: number,
  ): Promise<Launch | undefined> {
    const { launches, launchFence } = this.#keys
    const args = [fence, id, JSON.stringify(change), ...from]
    return decoded(await this.#run(scripts.changeLaunch, [launches, launchFence], args))
  }

  async join(joinHash: string, address: string): Promise<Launch | undefined> {
    return decoded(await this.#run(scripts.joinLaunch, [this.#keys.launches], [joinHash, address]))
  }

  async report(joinHash: string, step: string): Promise<Launch | undefined> {
    return decoded(await this.#run(scripts.reportLaunch, [this.#keys.launches], [joinHash, step]))
  }

  async burn(address: string): Promise<void> {
    await this.#run(scripts.burnLaunch, [this.#keys.launches], [address])
  }

  async forget(id: string, fence: number): Promise<boolean> {
    const { launches, launchFence } = this.#keys
    return (await this.#run(scripts.forgetLaunch, [launches, launchFence], [fence, id])) === 1
  }

  async list(): Promise<Launch[]> {
    const all = (await answered(this.#client.hvals(this.#keys.launches))).map((text) => JSON.parse(text) as Launch)
    return all.sort((a, b) => a.orderedAt - b.orderedAt || (a.id < b.id ? -1 : 1))
  }

  async wait(id: string): Promise<number> {
    const [, before] = await this.#line(id)
    return before
  }

  async leave(id: string): Promise<void> {
    const { waiting, waitingHeard } = this.#keys
    await answered(this.#client.multi().zrem(waiting, id).zrem(waitingHeard, id).exec())
  }

  async waiting(): Promise<number> {
    const [count] = await this.#line()
    return count
  }

  async close(): Promise<void> {
    await this.#client.quit().catch(() => this.#client.disconnect())
  }

  async #line(...id: string[]): Promise<[number, number]> {
    const { waiting, waitingHeard } = this.#keys
    return (await this.#run(scripts.wait, [waiting, waitingHeard], [WAITING_LAPSES_AFTER_MS, ...id])) as [
      number,
      number,
    ]
  }

  #run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply> {
    return script.run(this.#client, keys, args)
  }
}

const decoded = (reply: Reply) => (reply === null ? undefined : (JSON.parse(reply as string) as Launch))
