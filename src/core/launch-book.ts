import type { Offering } from './host-provider.ts'
import {
  type Launch,
  type LaunchChange,
  type LaunchLimits,
  type LaunchState,
  type OrderAnswer,
  WAITING_LAPSES_AFTER_MS,
} from './launch.ts'

const HOUR_MS = 3_600_000

const hourlyOf = (launches: readonly Pick<Launch, 'offering'>[]) =>
  launches.reduce((sum, { offering }) => sum + (offering.hourly ?? 0), 0)

/** All of it, as JSON. */
export interface LaunchSnapshot {
  launches: Launch[]
  /** When machines were asked for within the last hour. */
  times: number[]
  fence: number
}

/** The rules of LaunchStore in memory: pure, with the time as an argument. What it gives out are copies. */
export class LaunchBook {
  readonly #launches = new Map<string, Launch>()
  #times: number[] = []
  #fence = 0
  /** Since when each stands in line, and when it was last heard of. It is not kept: who waits asks again. */
  readonly #line = new Map<string, number>()

  static from({ launches, times, fence }: LaunchSnapshot): LaunchBook {
    const book = new LaunchBook()
    for (const launch of launches) book.#launches.set(launch.id, { ...launch })
    book.#times = [...times]
    book.#fence = fence
    return book
  }

  snapshot(): LaunchSnapshot {
    return { launches: this.list(), times: [...this.#times], fence: this.#fence }
  }

  order(now: number, launch: Launch, limits: LaunchLimits, fence: number): OrderAnswer {
    if (!this.#isCurrent(fence)) return { outcome: 'stale' }
    if (this.#launches.has(launch.id)) return { outcome: 'ordered' }
    this.#times = this.#times.filter((at) => at > now - HOUR_MS)
    if (this.#launches.size >= limits.maxHosts) return { outcome: 'hosts' }
    if (this.#times.length >= limits.maxPerHour) return { outcome: 'rate' }
    if (hourlyOf([...this.#launches.values(), launch]) > (limits.maxHourly ?? Infinity)) return { outcome: 'spend' }
    this.#times.push(now)
    this.#launches.set(launch.id, { ...launch, orderedAt: now, changedAt: now })
    return { outcome: 'ordered' }
  }

  exchange(_now: number, id: string, offering: Offering, limits: LaunchLimits, fence: number): OrderAnswer {
    const launch = this.#launches.get(id)
    if (!this.#isCurrent(fence) || launch?.state !== 'ordered') return { outcome: 'stale' }
    const others = [...this.#launches.values()].filter((each) => each !== launch)
    if (hourlyOf([...others, { offering }]) > (limits.maxHourly ?? Infinity)) return { outcome: 'spend' }
    Object.assign(launch, { offering, attempt: launch.attempt + 1 })
    return { outcome: 'ordered' }
  }

  change(
    now: number,
    id: string,
    from: readonly LaunchState[],
    change: LaunchChange,
    fence: number,
  ): Launch | undefined {
    const launch = this.#launches.get(id)
    if (!this.#isCurrent(fence) || !launch || !from.includes(launch.state)) return undefined
    const changedAt = change.state === undefined || change.state === launch.state ? launch.changedAt : now
    Object.assign(launch, change, { changedAt })
    return { ...launch }
  }

  join(now: number, joinHash: string, address: string): Launch | undefined {
    const launch = [...this.#launches.values()].find((each) => joinHash !== '' && each.joinHash === joinHash)
    if (!launch || launch.state === 'ending') return undefined
    if (launch.state === 'joined' && launch.address !== address) return undefined
    if (launch.state !== 'joined') Object.assign(launch, { state: 'joined', address, changedAt: now })
    return { ...launch }
  }

  report(_now: number, joinHash: string, step: string): Launch | undefined {
    const launch = [...this.#launches.values()].find((each) => joinHash !== '' && each.joinHash === joinHash)
    if (launch) launch.step = step
    return launch && { ...launch }
  }

  burn(_now: number, address: string): void {
    for (const launch of this.#launches.values()) if (launch.address === address) launch.joinHash = ''
  }

  forget(_now: number, id: string, fence: number): boolean {
    return this.#isCurrent(fence) && this.#launches.delete(id)
  }

  list(): Launch[] {
    const all = [...this.#launches.values()].map((launch) => ({ ...launch }))
    return all.sort((a, b) => a.orderedAt - b.orderedAt || (a.id < b.id ? -1 : 1))
  }

  wait(now: number, id: string): number {
    this.#line.set(id, now)
    return this.#inLine(now).indexOf(id)
  }

  leave(id: string): void {
    this.#line.delete(id)
  }

  waiting(now: number): number {
    return this.#inLine(now).length
  }

  /** In the order they came; a Map keeps the place of one that is set again. */
  #inLine(now: number): string[] {
    for (const [id, heardAt] of this.#line) if (heardAt <= now - WAITING_LAPSES_AFTER_MS) this.#line.delete(id)
    return [...this.#line.keys()]
  }

  #isCurrent(fence: number): boolean {
    if (fence < this.#fence) return false
    this.#fence = fence
    return true
  }
}
