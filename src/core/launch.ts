import type { Offering } from './host-provider.ts'

/**
 * ordered  on record; its provider may have been asked already
 * booting  there is a machine, and its manager has not joined yet
 * joined   its manager is in the fleet
 * ending   it is to go, and is not gone yet
 */
export type LaunchState = 'ordered' | 'booting' | 'joined' | 'ending'

/** The record of one machine, from before it is asked for until nothing is left of it. */
export interface Launch {
  /** `ln_` and 20 characters. */
  id: string
  state: LaunchState
  offering: Offering
  /** Which offering of the list it is at, for its token: another offering is another order. */
  attempt: number
  /** SHA-256 of its one-use join token; empty once it is burnt. */
  joinHash: string
  /** The provider's name of its machine; empty while unknown. */
  machineId: string
  /** The fleet's address of its host; empty until it joins. */
  address: string
  /** Why it was asked for, and why it ends: for people. */
  reason: string
  /** What its machine said it is doing; empty before it said anything. */
  step: string
  /** Milliseconds since the epoch. */
  orderedAt: number
  changedAt: number
}

export type LaunchChange = Partial<Omit<Launch, 'id' | 'orderedAt' | 'changedAt'>>

export interface LaunchLimits {
  /** Machines there may be at once, whatever their state. */
  maxHosts: number
  /** Machines that may be asked for within an hour. */
  maxPerHour: number
  /** US dollars an hour that all of them may cost together; absent for any sum. */
  maxHourly?: number
}

export type OrderAnswer =
  | { outcome: 'ordered' }
  /** The limit that stands in the way. */
  | { outcome: 'hosts' | 'rate' | 'spend' }
  /** Somebody with a later turn has been here. */
  | { outcome: 'stale' }

const HOUR_MS = 3_600_000
/** Who waits asks much more often than that. */
export const WAITING_LAPSES_AFTER_MS = 10_000

/** All of it, as JSON. */
export interface LaunchSnapshot {
  launches: Launch[]
  /** When machines were asked for within the last hour. */
  times: number[]
  fence: number
}

/**
 * Machines that were asked for, and requests that wait for one. Every method is one atomic step, whatever the number of
 * masters; a change with a `fence` lower than one seen before does nothing. Rejects with STORE_UNAVAILABLE.
 */
export interface LaunchStore {
  /** Writes down that a machine is to be asked for, if the limits allow one more. A repeat of the same id is `ordered`. */
  order(launch: Launch, limits: LaunchLimits, fence: number): Promise<OrderAnswer>
  /** The launch as it is then; undefined if it is in none of these states, unknown, or the fence is too old. */
  change(id: string, from: readonly LaunchState[], change: LaunchChange, fence: number): Promise<Launch | undefined>
  /**
   * Its manager comes with its token and its address. The same address may come again until the token is burnt; with
   * another one, or once it is burnt, undefined.
   */
  join(joinHash: string, address: string): Promise<Launch | undefined>
  /** The machine of this token tells what it is doing. Its launch; undefined once the token is burnt. */
  report(joinHash: string, step: string): Promise<Launch | undefined>
  /** The token of the host's launch is of no use any more. */
  burn(address: string): Promise<void>
  /** Nothing is left of it. */
  forget(id: string, fence: number): Promise<boolean>
  /** All of them, oldest first. */
  list(): Promise<Launch[]>

  /** Stands in line, or goes on standing there. How many stand before it. */
  wait(id: string): Promise<number>
  leave(id: string): Promise<void>
  /** How many stand in line. */
  waiting(): Promise<number>
  close(): Promise<void>
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
    const all = [...this.#launches.values(), launch]
    const hourly = all.reduce((sum, { offering }) => sum + (offering.hourly ?? 0), 0)
    if (hourly > (limits.maxHourly ?? Infinity)) return { outcome: 'spend' }
    this.#times.push(now)
    this.#launches.set(launch.id, { ...launch, orderedAt: now, changedAt: now })
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
