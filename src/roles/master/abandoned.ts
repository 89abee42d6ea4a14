import type { FleetStore } from '../../core/fleet-store.ts'
import type { Sandbox } from '../../core/sandbox.ts'
import type { Managers } from '../../drivers/manager-client.ts'

/** Failed attempts whose container may still be there, on hosts that did not answer. */
export class Abandoned {
  readonly #parts: { store: FleetStore; managers: Managers }
  /** By host and sandbox. */
  readonly #sandboxes = new Map<string, Sandbox>()

  constructor(parts: { store: FleetStore; managers: Managers }) {
    this.#parts = parts
  }

  add(sandbox: Sandbox): void {
    this.#sandboxes.set(`${sandbox.host} ${sandbox.id}`, sandbox)
  }

  /** Asks the hosts again; those that do not answer are asked the next time. */
  async finish(): Promise<void> {
    const { store, managers } = this.#parts
    for (const [key, sandbox] of this.#sandboxes) {
      const now = await store.find(sandbox.id)
      const host = await store.findHost(sandbox.host)
      // The same sandbox may have come to run on this very host after all.
      const wanted = now?.host === sandbox.host
      const done =
        wanted ||
        !host ||
        (await managers.remove(host, sandbox.id).then(
          () => true,
          () => false,
        ))
      if (done) this.#sandboxes.delete(key)
    }
  }
}
