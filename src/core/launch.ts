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

/** Who waits asks much more often than that. */
export const WAITING_LAPSES_AFTER_MS = 10_000

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
   * One that is `ordered` is asked for as another offering, with another token, if what all machines may cost allows it.
   * `stale` also if it is not `ordered` any more.
   */
  exchange(id: string, offering: Offering, limits: LaunchLimits, fence: number): Promise<OrderAnswer>
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
