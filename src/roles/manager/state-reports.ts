import type { StateChange } from '../../core/wire/manager.ts'

/** More than this many wait only for a master that is away for long; the newest of each sandbox counts. */
const MAX_WAITING = 10_000

/** What became of this host's sandboxes, until the master has heard it. */
export class StateReports {
  readonly #waiting = new Map<string, StateChange>()
  readonly #onNew: () => void

  /** `onNew` is called when there is something to tell. */
  constructor(onNew: () => void) {
    this.#onNew = onNew
  }

  note(change: StateChange): void {
    this.#waiting.delete(change.sandboxId)
    this.#waiting.set(change.sandboxId, change)
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
    this.#onNew()
  }

  /** What is to be told next, at most a few hundred. */
  next(): StateChange[] {
    return [...this.#waiting.values()].slice(0, 500)
  }

  /** The master has heard these; what changed since is still to be told. */
  heard(changes: readonly StateChange[]): void {
    for (const change of changes) {
      if (this.#waiting.get(change.sandboxId) === change) this.#waiting.delete(change.sandboxId)
    }
  }
}
