import type { FleetFeed } from './fleet-feed.ts'
import type { Host, HostLoad, NewHost } from './host.ts'
import type { KeptSettings } from './kept-settings.ts'
import type { LivingState, NewSandbox, Sandbox } from './sandbox.ts'
import type { SandboxEvent } from './sandbox-event.ts'

export type { SandboxEvent }

export type PlaceAnswer =
  | { outcome: 'placed'; sandbox: Sandbox; host: Host }
  /** No host has a free slot (other than the excluded ones). */
  | { outcome: 'full' }
  | { outcome: 'nameTaken' }
  /** The fleet has as many sandboxes as it may: so many. */
  | { outcome: 'quota'; sandboxes: number }

export interface PlaceLimits {
  /** How many sandboxes the fleet may have, whatever their state; without it as many as its hosts hold. */
  maxSandboxes?: number
  /** This host and no other. */
  host?: string
}

export interface Marked {
  sandbox: Sandbox
  was: LivingState
}

export type AdoptOutcome =
  | 'adopted'
  /** There is a sandbox of this id already; nothing was changed. */
  | 'known'
  /** Its name or subdomain is another's. */
  | 'conflict'
  /** It was deleted less than TOMBSTONE_KEPT_MS ago. */
  | 'deleted'
  /** Its host is not registered. */
  | 'noHost'

export type ReserveOutcome = 'reserved' | 'full' | 'elsewhere'

export type RehostOutcome = 'moved' | 'notHeld' | 'elsewhere'

export type IdempotencyAnswer =
  /** The key is new and now ours: do the work, then `finishOnce` or `abandonOnce`. */
  | { outcome: 'begun' }
  /** The same request is under way elsewhere. */
  | { outcome: 'underWay' }
  /** The same request was answered: here is the answer. */
  | { outcome: 'done'; answer: string }
  /** The key was used with another request. */
  | { outcome: 'mismatch' }

export type SettingsAnswer =
  /** All of the person's settings, as they are now. */
  | { outcome: 'kept'; settings: KeptSettings }
  /** They would be more than SETTINGS_LIMIT_BYTES; nothing was changed. */
  | { outcome: 'tooLarge' }

/**
 * The truth the master keeps: sandboxes, hosts and who holds which slot.
 *
 * Every method is one atomic step, whatever the number of masters that call it at once, and every change may be
 * repeated: the sandbox's id is the key of its effects. A store that does not answer rejects with STORE_UNAVAILABLE.
 */
export interface FleetStore extends FleetFeed {
  /**
   * Takes a slot on the host with the fewest sandboxes and writes the sandbox as `placing`. A sandbox that has a place
   * already gets the same answer again. Hosts in `exclude` are passed over.
   */
  place(sandbox: NewSandbox, exclude?: readonly string[], limits?: PlaceLimits): Promise<PlaceAnswer>
  /**
   * `placing` becomes `running` on this port; also writes {subdomain: port}. One that was confirmed before keeps its
   * state and gets the port. False if it is not placed any more.
   */
  confirm(id: string, port: number): Promise<boolean>
  /**
   * One of the living states becomes another; port and record stay. Tells which one it `was` before. Undefined from any
   * other state, or if unknown.
   */
  mark(id: string, state: LivingState): Promise<Marked | undefined>
  /**
   * Writes a sandbox as it was found on its host, with names and port: for a store that lost it. It takes a slot there,
   * also beyond the host's capacity. Its state must be a living one.
   */
  adopt(sandbox: Sandbox): Promise<AdoptOutcome>
  /**
   * A living sandbox is about to live on this host: a slot there is held for it, and counts as one of its containers,
   * until `rehost`, `endMove` or `remove`. `full` when that host may take no more; `elsewhere` when it does not live, or
   * lives there already. One at a time: a slot held on another host is given back.
   */
  reserveMove(id: string, to: string): Promise<ReserveOutcome>
  /** Gives the slot back that is held for it. False if none was. */
  endMove(id: string): Promise<boolean>
  /** {id: address} of all slots that are held. */
  moves(): Promise<ReadonlyMap<string, string>>
  /**
   * A living sandbox lives on another host now, on this port, in the slot that is held for it: `notHeld` when none is
   * (any more), so a move that was given up cannot be ended by who began it. `moved` also when it was done before;
   * `elsewhere` when it does not live on `from` (any more), or is being deleted; nothing was changed then.
   */
  rehost(id: string, from: string, to: string, port: number): Promise<RehostOutcome>
  /** Another name; the old one is free at once. One that is being deleted is `unknown`. */
  rename(id: string, name: string): Promise<'renamed' | 'nameTaken' | 'unknown'>
  /** When it ends, milliseconds since the epoch, 0 for never. Undefined if unknown or being deleted. */
  setExpiry(id: string, expiresAt: number): Promise<Sandbox | undefined>
  /** Any state becomes `deleting`; {subdomain: port} goes. The slot is kept until `remove`. Undefined if unknown. */
  beginDelete(id: string): Promise<Sandbox | undefined>
  /**
   * Forgets the sandbox and gives its slot and name back. That it was deleted is known on, also of one that the store
   * does not know (any more), unless it `mayReturn`: what was only lost is adopted if it is found again. False if it was
   * gone.
   */
  remove(id: string, mayReturn?: boolean): Promise<boolean>
  /** Those of these ids that were removed less than TOMBSTONE_KEPT_MS ago and have no place again. */
  deletedAmong(ids: readonly string[]): Promise<string[]>
  /** By id, subdomain or name. */
  find(idOrName: string): Promise<Sandbox | undefined>
  /** All of them, oldest first. */
  list(): Promise<Sandbox[]>

  /** A new or returning host; it is ready at once unless draining. Capacity may change; slots taken stay taken. */
  register(host: NewHost): Promise<Host>
  /** The host was heard of, and how it is. False if it is not registered (it should register again). */
  beat(address: string, load?: HostLoad): Promise<boolean>
  /** Takes hosts out that were not heard of for so long; gives those newly silent, and those newly lost. */
  markSilent(silentAfterMs: number, lostAfterMs: number): Promise<string[]>
  setDraining(address: string, draining: boolean): Promise<Host | undefined>
  /**
   * The same on behalf of who holds this lease with this fence, `onlyEmpty` if it has no sandboxes. Undefined if it was
   * not done.
   */
  drainInTurn(address: string, lease: string, fence: number, onlyEmpty: boolean): Promise<Host | undefined>
  /** Forgets a host without sandboxes. */
  removeHost(address: string): Promise<'removed' | 'unknown' | 'inUse'>
  findHost(address: string): Promise<Host | undefined>
  /** All of them, by address. */
  listHosts(): Promise<Host[]>

  /** Appends to the sandbox's story, which keeps its newest 200 events, and to the fleet's feed. */
  record(id: string, event: string, data: Record<string, unknown>): Promise<void>
  events(id: string): Promise<SandboxEvent[]>

  /** See IdempotencyAnswer. `fingerprint` stands for the request; a claim that is never finished lapses after 10 min. */
  beginOnce(key: string, fingerprint: string): Promise<IdempotencyAnswer>
  /** Keeps the answer for 24 h. */
  finishOnce(key: string, answer: string): Promise<void>
  abandonOnce(key: string): Promise<void>

  /**
   * The right to do something alone, for `ttlMs` from now: to whoever holds it already (whose fence stays), or to the
   * first who asks once it has lapsed (whose fence is greater than all before). Undefined while another one holds it.
   */
  lease(name: string, holder: string, ttlMs: number): Promise<{ fence: number } | undefined>
  /** The holder gives it up. False if it is not its holder's. */
  endLease(name: string, holder: string): Promise<boolean>

  /** What a person has chosen; empty if nothing. */
  settings(person: string): Promise<KeptSettings>
  /** Merges changes into a person's settings: the newest of each wins (`mergeSettings`). */
  changeSettings(person: string, changes: KeptSettings): Promise<SettingsAnswer>

  /** Answers when the store can be written. */
  ping(): Promise<void>
  close(): Promise<void>
}
