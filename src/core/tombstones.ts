/** How long it is known that a sandbox was deleted: a host that was away so long may bring its container back. */
export const TOMBSTONE_KEPT_MS = 86_400_000

export interface KeptTombstone {
  id: string
  /** When it was removed, milliseconds since the epoch. */
  at: number
}

/** Which sandboxes were deleted, for a day. */
export class Tombstones {
  /** In the order of their times. */
  readonly #at = new Map<string, number>()

  add(now: number, id: string): void {
    this.#at.delete(id)
    this.#at.set(id, now)
    for (const [old, at] of this.#at) {
      if (now - at < TOMBSTONE_KEPT_MS) break
      this.#at.delete(old)
    }
  }

  /** It lives after all: a create that failed on one host goes on at another. */
  take(id: string): void {
    this.#at.delete(id)
  }

  has(now: number, id: string): boolean {
    const at = this.#at.get(id)
    return at !== undefined && now - at < TOMBSTONE_KEPT_MS
  }

  kept(now: number): KeptTombstone[] {
    return [...this.#at].filter(([id]) => this.has(now, id)).map(([id, at]) => ({ id, at }))
  }

  restore(tombstones: readonly KeptTombstone[]): void {
    for (const { id, at } of tombstones) this.#at.set(id, at)
  }
}
