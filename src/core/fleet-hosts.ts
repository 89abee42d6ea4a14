import type { Host, HostLoad, HostState, NewHost } from './host.ts'

/** 0 heard of, 1 silent, 2 lost. */
export type Silence = 0 | 1 | 2

/** A host as it is kept. Draining and silence are two facts: a draining host that falls silent and is heard again drains on. */
export interface KeptHost extends NewHost {
  draining: boolean
  silence: Silence
  load?: HostLoad
  registeredAt: number
  lastBeatAt: number
}

/** The hosts of a fleet and how many sandboxes each holds. What it gives out are copies. */
export class FleetHosts {
  readonly #hosts = new Map<string, KeptHost>()
  readonly #taken = new Map<string, number>()
  #changes = 0

  /** Grows with every step that changed what must be kept; a beat that only says "still there" does not count. */
  get changes(): number {
    return this.#changes
  }

  restore(hosts: readonly KeptHost[]): void {
    for (const host of hosts) this.#hosts.set(host.address, { ...host })
  }

  kept(): KeptHost[] {
    return [...this.#hosts.values()].map((host) => ({ ...host }))
  }

  has(address: string): boolean {
    return this.#hosts.has(address)
  }

  /** So many sandboxes more hold a slot of it; part of a step that counts as a change itself. */
  take(address: string, count: number): void {
    this.#taken.set(address, this.#takenOf(address) + count)
  }

  /** The one with the fewest sandboxes that may take one more, of equals the first by address. */
  leastLoaded(exclude: readonly string[], only?: string): string | undefined {
    let best: KeptHost | undefined
    for (const host of this.#hosts.values()) {
      if (!this.#mayTakeOneMore(host) || exclude.includes(host.address)) continue
      if (only !== undefined && host.address !== only) continue
      const order = best ? this.#takenOf(host.address) - this.#takenOf(best.address) : -1
      if (!best || order < 0 || (order === 0 && compare(host.address, best.address) < 0)) best = host
    }
    return best?.address
  }

  /** {address: number of sandboxes} of the hosts that may take one more. */
  offered(): Map<string, number> {
    const open = [...this.#hosts.values()].filter((host) => this.#mayTakeOneMore(host))
    return new Map(open.map(({ address }) => [address, this.#takenOf(address)]))
  }

  register(now: number, host: NewHost): Host {
    const { address, apiUrl, capacity, runtime, version } = host
    const { draining = false, registeredAt = now, load } = this.#hosts.get(address) ?? {}
    const times = { registeredAt, lastBeatAt: now }
    const kept: KeptHost = { address, apiUrl, capacity, runtime, version, draining, silence: 0, ...times }
    if (load) kept.load = load
    this.#hosts.set(address, kept)
    this.#changes++
    return this.#shown(kept)
  }

  beat(now: number, address: string, load?: HostLoad): boolean {
    const host = this.#hosts.get(address)
    if (!host) return false
    if (host.silence > 0 || (load && load.pressure !== host.load?.pressure)) this.#changes++
    Object.assign(host, { silence: 0, lastBeatAt: now, ...(load && { load }) })
    return true
  }

  markSilent(now: number, silentAfterMs: number, lostAfterMs: number): string[] {
    const newly: string[] = []
    for (const host of this.#hosts.values()) {
      const forMs = now - host.lastBeatAt
      const silence = forMs >= lostAfterMs ? 2 : forMs >= silentAfterMs ? 1 : 0
      if (silence <= host.silence) continue
      host.silence = silence
      newly.push(host.address)
    }
    if (newly.length > 0) this.#changes++
    return newly.sort()
  }

  /** Silence counts from now: for a store that was closed, and so heard nobody. */
  listenAfresh(now: number): void {
    for (const host of this.#hosts.values()) if (host.silence === 0) host.lastBeatAt = now
  }

  setDraining(address: string, draining: boolean): Host | undefined {
    const host = this.#hosts.get(address)
    if (!host) return undefined
    if (host.draining !== draining) {
      host.draining = draining
      this.#changes++
    }
    return this.#shown(host)
  }

  remove(address: string): 'removed' | 'unknown' | 'inUse' {
    if (!this.#hosts.has(address)) return 'unknown'
    if (this.#takenOf(address) > 0) return 'inUse'
    this.#hosts.delete(address)
    this.#taken.delete(address)
    this.#changes++
    return 'removed'
  }

  find(address: string): Host | undefined {
    const host = this.#hosts.get(address)
    return host && this.#shown(host)
  }

  list(): Host[] {
    const hosts = [...this.#hosts.values()].map((host) => this.#shown(host))
    return hosts.sort((a, b) => compare(a.address, b.address))
  }

  #mayTakeOneMore(host: KeptHost): boolean {
    return hostState(host) === 'ready' && this.#takenOf(host.address) < host.capacity
  }

  #takenOf(address: string): number {
    return this.#taken.get(address) ?? 0
  }

  #shown(kept: KeptHost): Host {
    const { draining, silence, ...host } = kept
    return { ...host, state: hostState(kept), containers: this.#takenOf(host.address) }
  }
}

/** The one word for the three facts: silence is news, so it goes before the operator's own word. */
export function hostState({ draining, silence, load }: Pick<KeptHost, 'draining' | 'silence' | 'load'>): HostState {
  if (silence > 0) return silence === 1 ? 'silent' : 'lost'
  if (draining) return 'draining'
  return load?.pressure === undefined ? 'ready' : 'pressured'
}

/** Order by code unit, as Redis orders the members of a sorted set (addresses are ASCII). */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
