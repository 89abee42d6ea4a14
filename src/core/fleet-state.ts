import { type FeedEvent, FeedLog, type FeedPage } from './fleet-feed.ts'
import type { IdempotencyAnswer, PlaceAnswer, SandboxEvent, SettingsAnswer } from './fleet-store.ts'
import { FleetStories, type KeptStory } from './fleet-stories.ts'
import type { Host, HostState, NewHost } from './host.ts'
import { type KeptSettings, mergeSettings, SETTINGS_LIMIT_BYTES, settingsSize } from './kept-settings.ts'
import { type KeptOnce, OnceKeys } from './once-keys.ts'
import type { NewSandbox, Sandbox } from './sandbox.ts'

/** A host as it is kept. Draining and silence are two facts: a draining host that falls silent and is heard again drains on. */
export interface KeptHost extends NewHost {
  draining: boolean
  silent: boolean
  registeredAt: number
  lastBeatAt: number
}

/** All of a fleet's state, as JSON. */
export interface FleetSnapshot {
  sandboxes: Sandbox[]
  hosts: KeptHost[]
  stories: KeptStory[]
  once: KeptOnce[]
  /** Absent in snapshots of versions that had none. */
  settings?: { person: string; settings: KeptSettings }[]
  feed?: FeedEvent[]
  bookmarks?: { name: string; text: string }[]
}

/**
 * The rules of FleetStore in memory: pure and deterministic, with the time as an argument (`now`, milliseconds since
 * the epoch, never going back). The embedded store is this and a journal; the Redis scripts do the same, and both are
 * tested against it. What it gives out are copies.
 */
export class FleetState {
  readonly #sandboxes = new Map<string, Sandbox>()
  /** Names and subdomains, to the sandbox's id. */
  readonly #names = new Map<string, string>()
  readonly #hosts = new Map<string, KeptHost>()
  readonly #taken = new Map<string, number>()
  readonly #stories = new FleetStories()
  readonly #once = new OnceKeys()
  readonly #settings = new Map<string, KeptSettings>()
  readonly #feed = new FeedLog()
  readonly #bookmarks = new Map<string, string>()
  #changes = 0

  static from(snapshot: FleetSnapshot): FleetState {
    const state = new FleetState()
    for (const host of snapshot.hosts) state.#hosts.set(host.address, { ...host })
    for (const sandbox of snapshot.sandboxes) state.#keep({ ...sandbox })
    state.#stories.restore(snapshot.stories)
    state.#once.restore(snapshot.once)
    for (const { person, settings } of snapshot.settings ?? []) state.#settings.set(person, { ...settings })
    state.#feed.restore(snapshot.feed ?? [])
    for (const { name, text } of snapshot.bookmarks ?? []) state.#bookmarks.set(name, text)
    return state
  }

  snapshot(now: number): FleetSnapshot {
    return {
      sandboxes: this.list(),
      hosts: [...this.#hosts.values()].map((host) => ({ ...host })),
      stories: this.#stories.kept(now),
      once: this.#once.kept(now),
      settings: [...this.#settings].map(([person, settings]) => ({ person, settings: { ...settings } })),
      feed: this.#feed.kept(),
      bookmarks: [...this.#bookmarks].map(([name, text]) => ({ name, text })),
    }
  }

  /** Grows with every step that changed what must be kept; a beat that only says "still there" does not count. */
  get changes(): number {
    return this.#changes
  }

  get size(): number {
    return this.#sandboxes.size
  }

  place(now: number, sandbox: NewSandbox, exclude: readonly string[] = []): PlaceAnswer {
    const known = this.#sandboxes.get(sandbox.id)
    if (known) return this.#placed(known)
    const { id, name, subdomain, template, expiresAt } = sandbox
    const isTaken = (label: string) => this.#names.has(label) || this.#sandboxes.has(label)
    if ([id, name, subdomain].some(isTaken)) return { outcome: 'nameTaken' }
    const host = this.#leastLoaded(exclude)
    if (!host) return { outcome: 'full' }
    const times = { createdAt: now, updatedAt: now, expiresAt }
    const kept: Sandbox = { id, name, subdomain, template, state: 'placing', host: host.address, port: 0, ...times }
    this.#keep(kept)
    this.#stories.keepOn(id)
    this.#changes++
    return this.#placed(kept)
  }

  confirm(now: number, id: string, port: number): boolean {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox || sandbox.state === 'deleting') return false
    if (sandbox.state === 'placing' || sandbox.port !== port) {
      Object.assign(sandbox, { state: 'running', port, updatedAt: now })
      this.#changes++
    }
    return true
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

  remove(now: number, id: string): boolean {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox) return false
    this.#sandboxes.delete(id)
    this.#names.delete(sandbox.name)
    this.#names.delete(sandbox.subdomain)
    this.#taken.set(sandbox.host, this.#takenOf(sandbox.host) - 1)
    this.#stories.letLapse(id, now)
    this.#changes++
    return true
  }

  find(idOrName: string): Sandbox | undefined {
    const sandbox = this.#sandboxes.get(idOrName) ?? this.#sandboxes.get(this.#names.get(idOrName) ?? '')
    return sandbox && { ...sandbox }
  }

  /** Oldest first, then by id. */
  list(): Sandbox[] {
    return [...this.#sandboxes.values()].map((sandbox) => ({ ...sandbox })).sort(byAge)
  }

  /** {subdomain: port} of the running ones. */
  ports(): Map<string, number> {
    const running = [...this.#sandboxes.values()].filter(({ state }) => state === 'running')
    return new Map(running.map(({ subdomain, port }) => [subdomain, port]))
  }

  /** {address: number of sandboxes} of the hosts that may take one more. */
  offered(): Map<string, number> {
    const open = [...this.#hosts.values()].filter((host) => this.#mayTakeOneMore(host))
    return new Map(open.map(({ address }) => [address, this.#takenOf(address)]))
  }

  register(now: number, host: NewHost): Host {
    const { address, apiUrl, capacity, runtime, version } = host
    const { draining = false, registeredAt = now } = this.#hosts.get(address) ?? {}
    const times = { registeredAt, lastBeatAt: now }
    const kept = { address, apiUrl, capacity, runtime, version, draining, silent: false, ...times }
    this.#hosts.set(address, kept)
    this.#changes++
    return this.#shown(kept)
  }

  beat(now: number, address: string): boolean {
    const host = this.#hosts.get(address)
    if (!host) return false
    if (host.silent) this.#changes++
    Object.assign(host, { silent: false, lastBeatAt: now })
    return true
  }

  markSilent(now: number, silentAfterMs: number): string[] {
    const newly = [...this.#hosts.values()].filter((host) => !host.silent && host.lastBeatAt <= now - silentAfterMs)
    for (const host of newly) host.silent = true
    if (newly.length > 0) this.#changes++
    return newly.map(({ address }) => address).sort()
  }

  /** Silence counts from now: for a store that was closed, and so heard nobody. */
  listenAfresh(now: number): void {
    for (const host of this.#hosts.values()) if (!host.silent) host.lastBeatAt = now
  }

  setDraining(_now: number, address: string, draining: boolean): Host | undefined {
    const host = this.#hosts.get(address)
    if (!host) return undefined
    if (host.draining !== draining) {
      host.draining = draining
      this.#changes++
    }
    return this.#shown(host)
  }

  removeHost(_now: number, address: string): 'removed' | 'unknown' | 'inUse' {
    if (!this.#hosts.has(address)) return 'unknown'
    if (this.#takenOf(address) > 0) return 'inUse'
    this.#hosts.delete(address)
    this.#taken.delete(address)
    this.#changes++
    return 'removed'
  }

  findHost(address: string): Host | undefined {
    const host = this.#hosts.get(address)
    return host && this.#shown(host)
  }

  listHosts(): Host[] {
    const hosts = [...this.#hosts.values()].map((host) => this.#shown(host))
    return hosts.sort((a, b) => compare(a.address, b.address))
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

  settings(person: string): KeptSettings {
    return { ...this.#settings.get(person) }
  }

  changeSettings(now: number, person: string, changes: KeptSettings): SettingsAnswer {
    const before = this.settings(person)
    const settings = mergeSettings(before, changes, now)
    const names = Object.keys(settings)
    if (names.every((name) => settings[name] === before[name])) return { outcome: 'kept', settings }
    if (settingsSize(settings) > SETTINGS_LIMIT_BYTES) return { outcome: 'tooLarge' }
    this.#settings.set(person, settings)
    this.#changes++
    return { outcome: 'kept', settings: { ...settings } }
  }

  #keep(sandbox: Sandbox): void {
    this.#sandboxes.set(sandbox.id, sandbox)
    this.#names.set(sandbox.name, sandbox.id)
    this.#names.set(sandbox.subdomain, sandbox.id)
    this.#taken.set(sandbox.host, this.#takenOf(sandbox.host) + 1)
  }

  #placed(sandbox: Sandbox): PlaceAnswer {
    const host = this.findHost(sandbox.host)
    // A host that has sandboxes cannot be removed.
    if (!host) throw new Error(`sandbox ${sandbox.id} is on ${sandbox.host}, which is not registered`)
    return { outcome: 'placed', sandbox: { ...sandbox }, host }
  }

  #leastLoaded(exclude: readonly string[]): KeptHost | undefined {
    let best: KeptHost | undefined
    for (const host of this.#hosts.values()) {
      if (!this.#mayTakeOneMore(host) || exclude.includes(host.address)) continue
      const order = best ? this.#takenOf(host.address) - this.#takenOf(best.address) : -1
      if (!best || order < 0 || (order === 0 && compare(host.address, best.address) < 0)) best = host
    }
    return best
  }

  #mayTakeOneMore(host: KeptHost): boolean {
    return !host.draining && !host.silent && this.#takenOf(host.address) < host.capacity
  }

  #takenOf(address: string): number {
    return this.#taken.get(address) ?? 0
  }

  #shown({ draining, silent, ...host }: KeptHost): Host {
    return { ...host, state: hostState(draining, silent), containers: this.#takenOf(host.address) }
  }
}

/** The one word for the two facts: silence is news, so it goes before the operator's own word. */
export function hostState(draining: boolean, silent: boolean): HostState {
  if (silent) return 'silent'
  return draining ? 'draining' : 'ready'
}

/** The order of `list`: oldest first, then by id. */
export function byAge(a: Sandbox, b: Sandbox): number {
  return a.createdAt - b.createdAt || compare(a.id, b.id)
}

/** Order by code unit, as Redis orders the members of a sorted set (addresses are ASCII). */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
