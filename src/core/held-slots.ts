import type { FleetHosts } from './fleet-hosts.ts'

/** Slots on other hosts that are held for sandboxes on their way there: one for each at most. */
export class HeldSlots {
  readonly #slots = new Map<string, string>()
  readonly #hosts: FleetHosts

  constructor(hosts: FleetHosts) {
    this.#hosts = hosts
  }

  of(id: string): string | undefined {
    return this.#slots.get(id)
  }

  hold(id: string, address: string): void {
    this.giveBack(id)
    this.#slots.set(id, address)
    this.#hosts.take(address, 1)
  }

  /** False if none was held. */
  giveBack(id: string): boolean {
    const address = this.#slots.get(id)
    if (address !== undefined) this.#hosts.take(address, -1)
    return this.#slots.delete(id)
  }

  /** {id: address}, a copy. */
  all(): Map<string, string> {
    return new Map(this.#slots)
  }
}
