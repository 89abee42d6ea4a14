import type { FleetStore } from '../../core/fleet-store.ts'
import { SILENT_AFTER_MS } from '../../core/host.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { PublishedNames } from './published-names.ts'

/** Longer than any honest create: three attempts of a manager's own deadline. */
const PLACING_DEADLINE_MS = 200_000
const EVERY_MS = 5_000

export interface ReconcilerParts {
  store: FleetStore
  lifecycle: Lifecycle
  names: PublishedNames | undefined
  log: Logger
  now: () => number
}

/**
 * Makes store, hosts and names agree again after any crash: half-made sandboxes are taken apart, half-deleted ones
 * finished, missing records published, left-over ones withdrawn, silent hosts passed over. All of it may be repeated
 * and run on several masters at once.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #startedAt: number
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
    this.#startedAt = parts.now()
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.pass()
        .catch((error) => this.#parts.log.warn({ err: error }, 'reconciler: pass failed, tried again soon'))
        .finally(() => {
          this.#running = undefined
        })
    }, EVERY_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  /** One round. */
  async pass(): Promise<void> {
    const { store, lifecycle, names, log, now } = this.#parts
    // A master that was away has heard nobody: it gives every host the time to be heard before it calls one silent.
    if (now() - this.#startedAt > SILENT_AFTER_MS) {
      for (const host of await store.markSilent(SILENT_AFTER_MS)) {
        log.warn({ host }, 'host is silent: takes no new sandboxes until it is heard again')
      }
    }
    await lifecycle.finishAbandoned()
    const sandboxes = await store.list()
    for (const sandbox of sandboxes) {
      const stuck = sandbox.state === 'placing' && now() - sandbox.updatedAt > PLACING_DEADLINE_MS
      if (stuck) await store.beginDelete(sandbox.id)
      if (stuck || sandbox.state === 'deleting') {
        const gone = await lifecycle.finishDelete(sandbox)
        log.info({ sandbox: sandbox.id, was: sandbox.state, gone }, 'reconciler: takes apart what was left half done')
      }
    }
    const running = sandboxes.filter(({ state }) => state === 'running')
    const changes = await names?.reconcile(running, async (subdomain) => (await store.find(subdomain))?.state)
    if (changes) log.info({ changes }, 'reconciler: zone and sandboxes agree again')
  }
}
