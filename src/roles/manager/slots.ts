import { OmegaError } from '../../core/errors.ts'

export interface SlotsOptions {
  capacity: number
  /** Throws HOST_FULL while the host has no room on its disk. */
  requireRoom?: () => void
  /** Sandboxes that have their container. */
  owned: () => string[]
  /** Asks the engine what there is. */
  refresh: () => Promise<unknown>
}

/** The host's room: one slot for each sandbox that has a container or was let in to get one. */
export class Slots {
  readonly #options: SlotsOptions
  /** Sandboxes let in whose container the engine may not list yet. */
  readonly #admitted = new Set<string>()

  constructor(options: SlotsOptions) {
    this.#options = options
  }

  get free(): number {
    return this.#options.capacity - this.#used()
  }

  #used(): number {
    return new Set([...this.#options.owned(), ...this.#admitted]).size
  }

  /** Takes one of the slots until `leave`, or throws HOST_FULL. The choice itself is one synchronous step. */
  async admit(sandboxId: string): Promise<void> {
    const { capacity, requireRoom, refresh } = this.#options
    requireRoom?.()
    // Something may have been removed behind our back: ask the engine before saying no.
    if (this.free <= 0) await refresh()
    if (this.free <= 0) {
      throw new OmegaError(
        'HOST_FULL',
        `This host holds ${this.#used()} sandboxes of ${capacity} it may hold. Delete one, or place it on another host.`,
        { capacity },
      )
    }
    this.#admitted.add(sandboxId)
  }

  /** It has its container now, or will not get one. */
  leave(sandboxId: string): void {
    this.#admitted.delete(sandboxId)
  }
}
