/** Who holds which right for now, and since which turn. */
export interface KeptLease {
  name: string
  holder: string
  fence: number
  /** Milliseconds since the epoch. */
  lapsesAt: number
}

/**
 * Leases: one holder at a time. The fence grows with every change of holder, so work that was begun under an older one
 * can be told from the holder's own.
 */
export class Leases {
  readonly #leases = new Map<string, KeptLease>()

  /** The holder's fence and whether it is a new holder; undefined while another one holds it. */
  take(now: number, name: string, holder: string, ttlMs: number): { fence: number; isNew: boolean } | undefined {
    const known = this.#leases.get(name)
    if (known?.holder === holder) {
      known.lapsesAt = now + ttlMs
      return { fence: known.fence, isNew: false }
    }
    if (known && now < known.lapsesAt) return undefined
    // The time makes it grow even when the leases were lost.
    const fence = Math.max((known?.fence ?? 0) + 1, now)
    this.#leases.set(name, { name, holder, fence, lapsesAt: now + ttlMs })
    return { fence, isNew: true }
  }

  /** Of the latest holder. */
  fenceOf(name: string): number | undefined {
    return this.#leases.get(name)?.fence
  }

  /** Another may take it at once. False if it is not the holder's. */
  giveUp(name: string, holder: string): boolean {
    const known = this.#leases.get(name)
    if (known?.holder !== holder) return false
    Object.assign(known, { holder: '', lapsesAt: 0 })
    return true
  }

  /** All may be taken: for a store whose only user was away. */
  lapse(): void {
    for (const lease of this.#leases.values()) lease.lapsesAt = 0
  }

  kept(): KeptLease[] {
    return [...this.#leases.values()].map((lease) => ({ ...lease }))
  }

  restore(leases: readonly KeptLease[]): void {
    for (const lease of leases) this.#leases.set(lease.name, { ...lease })
  }
}
