import { FeedLog, type FeedPage } from './fleet-feed.ts'
import { FleetHosts } from './fleet-hosts.ts'
import { FleetSandboxes } from './fleet-sandboxes.ts'
import type { FleetSnapshot } from './fleet-snapshot.ts'
import type {
  AdoptOutcome,
  IdempotencyAnswer,
  Marked,
  PlaceAnswer,
  PlaceLimits,
  RehostOutcome,
  ReserveOutcome,
  SandboxEvent,
  SettingsAnswer,
} from './fleet-store.ts'
import { FleetStories } from './fleet-stories.ts'
import { HeldSlots } from './held-slots.ts'
import type { Host, HostLoad, NewHost } from './host.ts'
import type { KeptSettings } from './kept-settings.ts'
import { Leases } from './leases.ts'
import { OnceKeys } from './once-keys.ts'
import { PersonSettings } from './person-settings.ts'
import { isLiving, type LivingState, type NewSandbox, type Sandbox } from './sandbox.ts'
import { Tombstones } from './tombstones.ts'

/**
 * The rules of FleetStore in memory: pure and deterministic, with the time as an argument (`now`, milliseconds since
 * the epoch, never going back). The embedded store is this and a journal; the Redis scripts do the same, and both are
 * tested against it. What it gives out are copies.
 */
export class FleetState {
  readonly #sandboxes = new FleetSandboxes()
  readonly #hosts = new FleetHosts()
  readonly #stories = new FleetStories()
  readonly #once = new OnceKeys()
  readonly #settings = new PersonSettings()
  readonly #feed = new FeedLog()
  readonly #bookmarks = new Map<string, string>()
  readonly #leases = new Leases()
  readonly #tombstones = new Tombstones()
  readonly #moves = new HeldSlots(this.#hosts)
  #changes = 0

  static from(snapshot: FleetSnapshot): FleetState {
    const state = new FleetState()
    state.#hosts.restore(snapshot.hosts)
    for (const sandbox of snapshot.sandboxes) state.#keep({ ...sandbox })
    state.#stories.restore(snapshot.stories)
    state.#once.restore(snapshot.once)
    state.#settings.restore(snapshot.settings ?? [])
    state.#feed.restore(snapshot.feed ?? [])
    for (const { name, text } of snapshot.bookmarks ?? []) state.#bookmarks.set(name, text)
    state.#leases.restore(snapshot.leases ?? [])
    state.#tombstones.restore(snapshot.tombstones ?? [])
    for (const { id, to } of snapshot.moves ?? []) state.#moves.hold(id, to)
    return state
  }

  snapshot(now: number): FleetSnapshot {
    return {
      sandboxes: this.list(),
      hosts: this.#hosts.kept(),
      stories: this.#stories.kept(now),
      once: this.#once.kept(now),
      settings: this.#settings.kept(),
      feed: this.#feed.kept(),
      bookmarks: [...this.#bookmarks].map(([name, text]) => ({ name, text })),
      leases: this.#leases.kept(),
      tombstones: this.#tombstones.kept(now),
      moves: [...this.#moves.all()].map(([id, to]) => ({ id, to })),
    }
  }

  /** Grows with every step that changed what must be kept; a beat that only says "still there" does not count. */
  get changes(): number {
    return this.#changes + this.#hosts.changes
  }

  get size(): number {
    return this.#sandboxes.size
  }

  place(now: number, sandbox: NewSandbox, exclude: readonly string[] = [], limits: PlaceLimits = {}): PlaceAnswer {
    const known = this.#sandboxes.get(sandbox.id)
    if (known) return this.#placed(known)
    const { id, name, subdomain, template, expiresAt } = sandbox
    if ([id, name, subdomain].some((label) => this.#sandboxes.isTaken(label))) return { outcome: 'nameTaken' }
    if (this.size >= (limits.maxSandboxes ?? Infinity)) return { outcome: 'quota', sandboxes: this.size }
    const host = this.#hosts.leastLoaded(exclude, limits.host)
    if (host === undefined) return { outcome: 'full' }
    const times = { createdAt: now, updatedAt: now, expiresAt }
    const kept: Sandbox = { id, name, subdomain, template, state: 'placing', host, port: 0, ...times }
    this.#keep(kept)
    this.#tombstones.take(id)
    this.#stories.keepOn(id)
    this.#changes++
    return this.#placed(kept)
  }

  confirm(now: number, id: string, port: number): boolean {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox || sandbox.state === 'deleting') return false
    if (sandbox.state === 'placing' || sandbox.port !== port) {
      const state = isLiving(sandbox.state) ? sandbox.state : 'running'
      Object.assign(sandbox, { state, port, updatedAt: now })
      this.#changes++
    }
    return true
  }

  mark(now: number, id: string, state: LivingState): Marked | undefined {
    const sandbox = this.#sandboxes.get(id)
    const was = sandbox?.state
    if (!sandbox || !was || !isLiving(was)) return undefined
    if (was !== state) {
      Object.assign(sandbox, { state, updatedAt: now })
      this.#changes++
    }
    return { sandbox: { ...sandbox }, was }
  }

  adopt(now: number, sandbox: Sandbox): AdoptOutcome {
    const { id, name, subdomain, host } = sandbox
    if (this.#sandboxes.has(id)) return 'known'
    if (this.#tombstones.has(now, id)) return 'deleted'
    if ([id, name, subdomain].some((label) => this.#sandboxes.isTaken(label))) return 'conflict'
    if (!this.#hosts.has(host)) return 'noHost'
    this.#keep({ ...sandbox, updatedAt: now })
    this.#stories.keepOn(id)
    this.#changes++
    return 'adopted'
  }

  reserveMove(_now: number, id: string, to: string): ReserveOutcome {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox || !isLiving(sandbox.state) || sandbox.host === to) return 'elsewhere'
    if (this.#moves.of(id) === to) return 'reserved'
    if (this.#hosts.leastLoaded([], to) === undefined) return 'full'
    this.#moves.hold(id, to)
    this.#changes++
    return 'reserved'
  }

  endMove(_now: number, id: string): boolean {
    const wasHeld = this.#moves.giveBack(id)
    if (wasHeld) this.#changes++
    return wasHeld
  }

  moves(): Map<string, string> {
    return this.#moves.all()
  }

  rehost(now: number, id: string, from: string, to: string, port: number): RehostOutcome {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox || from === to || !isLiving(sandbox.state)) return 'elsewhere'
    if (sandbox.host === to && sandbox.port === port) return 'moved'
    if (sandbox.host !== from) return 'elsewhere'
    if (this.#moves.of(id) !== to) return 'notHeld'
    this.#moves.giveBack(id)
    this.#hosts.take(from, -1)
    this.#hosts.take(to, 1)
    Object.assign(sandbox, { host: to, port, updatedAt: now })
    this.#changes++
    return 'moved'
  }

  rename(_now: number, id: string, name: string): 'renamed' | 'nameTaken' | 'unknown' {
    const before = this.#sandboxes.get(id)?.name
    const outcome = this.#sandboxes.rename(id, name)
    if (outcome === 'renamed' && before !== name) this.#changes++
    return outcome
  }

  setExpiry(_now: number, id: string, expiresAt: number): Sandbox | undefined {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox || sandbox.state === 'deleting') return undefined
    if (sandbox.expiresAt !== expiresAt) {
      sandbox.expiresAt = expiresAt
      this.#changes++
    }
    return { ...sandbox }
  }

  beginDelete(now: number, id: string): Sandbox | undefined {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox) return undefined
    if (sandbox.state !== 'deleting') {
      Object.assign(sandbox, { state: 'deleting', updatedAt: now })
      this.#changes++
    }
    return { ...sandbox }
  }

  remove(now: number, id: string, mayReturn = false): boolean {
    const sandbox = this.#sandboxes.get(id)
    if (!mayReturn) this.#tombstones.add(now, id)
    if (!mayReturn || sandbox) this.#changes++
    if (!sandbox) return false
    this.#sandboxes.forget(sandbox)
    this.#hosts.take(sandbox.host, -1)
    this.#moves.giveBack(id)
    this.#stories.letLapse(id, now)
    return true
  }

  deletedAmong(now: number, ids: readonly string[]): string[] {
    return ids.filter((id) => this.#tombstones.has(now, id))
  }

  find(idOrName: string): Sandbox | undefined {
    return this.#sandboxes.find(idOrName)
  }

  /** Oldest first, then by id. */
  list(): Sandbox[] {
    return this.#sandboxes.list()
  }

  /** {subdomain: port} of the living ones. */
  ports(): Map<string, number> {
    return this.#sandboxes.ports()
  }

  /** {address: sandboxes} of the hosts that may take one more. */
  offered(): Map<string, number> {
    return this.#hosts.offered()
  }

  register(now: number, host: NewHost): Host {
    return this.#hosts.register(now, host)
  }

  beat(now: number, address: string, load?: HostLoad): boolean {
    return this.#hosts.beat(now, address, load)
  }

  markSilent(now: number, silentAfterMs: number, lostAfterMs: number): string[] {
    return this.#hosts.markSilent(now, silentAfterMs, lostAfterMs)
  }

  /** Silence counts from now: for a store that was closed, and so heard nobody. */
  listenAfresh(now: number): void {
    this.#hosts.listenAfresh(now)
  }

  setDraining(_now: number, address: string, draining: boolean): Host | undefined {
    return this.#hosts.setDraining(address, draining)
  }

  drainInTurn(_now: number, address: string, lease: string, fence: number, onlyEmpty: boolean): Host | undefined {
    const isUsed = onlyEmpty && (this.#hosts.find(address)?.containers ?? 0) > 0
    return isUsed || this.#leases.fenceOf(lease) !== fence ? undefined : this.#hosts.setDraining(address, true)
  }

  removeHost(_now: number, address: string): 'removed' | 'unknown' | 'inUse' {
    return this.#hosts.remove(address)
  }

  findHost(address: string): Host | undefined {
    return this.#hosts.find(address)
  }

  listHosts(): Host[] {
    return this.#hosts.list()
  }

  record(now: number, id: string, event: string, data: Record<string, unknown>): void {
    const line = { at: now, event, data }
    this.#stories.append(now, id, line, this.#sandboxes.has(id))
    this.#feed.append(now, { id, name: this.#sandboxes.get(id)?.name ?? '' }, line)
    this.#changes++
  }

  feed(afterId: string, limit: number): FeedPage {
    return this.#feed.after(afterId, limit)
  }

  feedEnd(): string {
    return this.#feed.end
  }

  bookmark(name: string): string | undefined {
    return this.#bookmarks.get(name)
  }

  setBookmark(_now: number, name: string, text: string): void {
    if (this.#bookmarks.get(name) === text) return
    this.#bookmarks.set(name, text)
    this.#changes++
  }

  events(now: number, id: string): SandboxEvent[] {
    return this.#stories.of(id, now)
  }

  beginOnce(now: number, key: string, fingerprint: string): IdempotencyAnswer {
    const answer = this.#once.begin(now, key, fingerprint)
    if (answer.outcome === 'begun') this.#changes++
    return answer
  }

  finishOnce(now: number, key: string, answer: string): void {
    if (this.#once.finish(now, key, answer)) this.#changes++
  }

  abandonOnce(now: number, key: string): void {
    if (this.#once.abandon(now, key)) this.#changes++
  }

  lease(now: number, name: string, holder: string, ttlMs: number): { fence: number } | undefined {
    const taken = this.#leases.take(now, name, holder, ttlMs)
    if (taken?.isNew) this.#changes++
    return taken && { fence: taken.fence }
  }

  endLease(_now: number, name: string, holder: string): boolean {
    const wasHeld = this.#leases.giveUp(name, holder)
    if (wasHeld) this.#changes++
    return wasHeld
  }

  /** Who held a lease is gone: for a store of one process that was closed. */
  lapseLeases(): void {
    this.#leases.lapse()
  }

  settings(person: string): KeptSettings {
    return this.#settings.of(person)
  }

  changeSettings(now: number, person: string, changes: KeptSettings): SettingsAnswer {
    const { answer, isNew } = this.#settings.change(now, person, changes)
    if (isNew) this.#changes++
    return answer
  }

  #keep(sandbox: Sandbox): void {
    this.#sandboxes.keep(sandbox)
    this.#hosts.take(sandbox.host, 1)
  }

  #placed(sandbox: Sandbox): PlaceAnswer {
    const host = this.#hosts.find(sandbox.host)
    // A host that has sandboxes cannot be removed.
    if (!host) throw new Error(`sandbox ${sandbox.id} is on ${sandbox.host}, which is not registered`)
    return { outcome: 'placed', sandbox: { ...sandbox }, host }
  }
}
