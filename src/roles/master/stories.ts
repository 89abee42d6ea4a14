import type { FleetStore } from '../../core/fleet-store.ts'
import type { Logger } from '../../drivers/log.ts'

/** What is written down of the sandboxes' lives. */
export class Stories {
  readonly #store: Pick<FleetStore, 'record'>
  readonly #log: Logger

  constructor(store: Pick<FleetStore, 'record'>, log: Logger) {
    this.#store = store
    this.#log = log
  }

  /** A line of a sandbox's story. Never rejects: a story with a gap is no reason to fail. */
  async note(id: string, event: string, data: Record<string, unknown>): Promise<void> {
    await this.#store
      .record(id, event, data)
      .catch((error) => this.#log.warn({ sandbox: id, event, err: error }, 'not recorded'))
  }
}
