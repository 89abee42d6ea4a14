import type { Owned } from './inventory.ts'

/**
 * Sandboxes whose container ended though nobody stopped it. The engine starts those again itself, also after its own
 * restart; but while it shuts down it stops them all, and what it is told to start then it never gets rid of (Docker
 * 20.10: "task already exists"). So each rests first: longer than an engine takes to be gone.
 */
export class Endings {
  readonly #restMs: number
  readonly #since = new Map<string, number>()

  constructor(restMs: number) {
    this.#restMs = restMs
  }

  /** Milliseconds until it may be started; 0 for one that did not end so. */
  restOf({ mark: { sandboxId, stopped }, state }: Owned): number {
    if (state !== 'stopped' || stopped) {
      this.#since.delete(sandboxId)
      return 0
    }
    const now = performance.now()
    const since = this.#since.get(sandboxId) ?? now
    this.#since.set(sandboxId, since)
    return Math.max(0, since + this.#restMs - now)
  }

  /** Those that are not as their mark says, and may be put right. */
  astray(all: readonly Owned[]): Owned[] {
    const rested = all.filter((container) => this.restOf(container) === 0)
    return rested.filter(({ mark, state }) => (state === 'stopped') !== mark.stopped)
  }
}
