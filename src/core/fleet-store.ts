import type { FleetFeed } from './fleet-feed.ts'
import type { Host, NewHost } from './host.ts'
import type { KeptSettings } from './kept-settings.ts'
import type { NewSandbox, Sandbox } from './sandbox.ts'
import type { SandboxEvent } from './sandbox-event.ts'

export type { SandboxEvent }

export type PlaceAnswer =
  | { outcome: 'placed'; sandbox: Sandbox; host: Host }
  /** No host has a free slot (other than the excluded ones). */
  | { outcome: 'full' }
  | { outcome: 'nameTaken' }

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
  place(sandbox: NewSandbox, exclude?: readonly string[]): Promise<PlaceAnswer>
  /** `placing` becomes `running` on this port; also writes {subdomain: port}. False if it is not placed any more. */
  confirm(id: string, port: number): Promise<boolean>
  /** Any state becomes `deleting`; {subdomain: port} goes. The slot is kept until `remove`. Undefined if unknown. */
  beginDelete(id: string): Promise<Sandbox | undefined>
  /** Forgets the sandbox and gives its slot and name back. False if it was gone. */
  remove(id: string): Promise<boolean>
  /** By id, subdomain or name. */
  find(idOrName: string): Promise<Sandbox | undefined>
  /** All of them, oldest first. */
  list(): Promise<Sandbox[]>

  /** A new or returning host; it is ready at once unless draining. Capacity may change; slots taken stay taken. */
  register(host: NewHost): Promise<Host>
  /** The host was heard of. False if it is not registered (it should register again). */
  beat(address: string): Promise<boolean>
  /** Takes hosts out that were not heard of for `silentAfterMs`; gives those newly silent. */
  markSilent(silentAfterMs: number): Promise<string[]>
  setDraining(address: string, draining: boolean): Promise<Host | undefined>
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

  /** What a person has chosen; empty if nothing. */
  settings(person: string): Promise<KeptSettings>
  /** Merges changes into a person's settings: the newest of each wins (`mergeSettings`). */
  changeSettings(person: string, changes: KeptSettings): Promise<SettingsAnswer>

  /** Answers when the store can be written. */
  ping(): Promise<void>
  close(): Promise<void>
}
