import type { Owned } from './inventory.ts'

/**
 * Sandboxes whose container ended under this manager's eyes though nobody stopped it. The engine starts those again
 * itself, also after its own restart; but while it shuts down it stops them all, and what it is told to start then it
 * never gets rid of (Docker 20.10: "task already exists"). So each rests first: longer than an engine takes to be gone.
 * What a manager finds ended when it begins is started at once.
 */
export class Endings {
  readonly #restMs: number
  /** When each was first seen to have ended; nothing yet for those that were seen to run. */
  readonly #endedAt = new Map<string, number | undefined>()

  constructor(restMs: number) {
    this.#restMs = restMs
  }

  /** Milliseconds until it may be started; 0 for one that did not end so. */
  restOf({ mark: { sandboxId, stopped, leaving }, state }: Owned): number {
    if (state !== 'stopped') this.#endedAt.set(sandboxId, undefined)
    else if (stopped || leaving) this.#endedAt.delete(sandboxId)
    if (state !== 'stopped' || !this.#endedAt.has(sandboxId)) return 0
    const now = performance.now()
    const endedAt = this.#endedAt.get(sandboxId) ?? now
    this.#endedAt.set(sandboxId, endedAt)
    return Math.max(0, endedAt + this.#restMs - now)
  }

  /** Those that are not as their mark says, and may be put right. */
  astray(all: readonly Owned[]): Owned[] {
    const there = new Set(all.map(({ mark }) => mark.sandboxId))
    for (const sandboxId of this.#endedAt.keys()) if (!there.has(sandboxId)) this.#endedAt.delete(sandboxId)
    const rested = all.filter((container) => this.restOf(container) === 0)
    return rested.filter(({ mark, state }) => (state === 'stopped') !== (mark.stopped || mark.leaving === true))
  }
}
