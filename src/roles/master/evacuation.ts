import type { FleetStore } from '../../core/fleet-store.ts'
import { isLiving, type Sandbox } from '../../core/sandbox.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Moves } from './moves.ts'

export interface EvacuationParts {
  store: Pick<FleetStore, 'list'>
  moves: Pick<Moves, 'move'>
  log: Logger
  now: () => number
}

/** Each is read from one disk and written to another; more at once would not be sooner. */
const AT_ONCE = 3
/** What found no place may find one when a host has come. */
const AGAIN_AFTER_MS = 5_000

/**
 * Empties hosts that go: their sandboxes move to others, a few at a time. It is called again and again while a host is to
 * be emptied, by any master; a lease per sandbox keeps them out of each other's way.
 */
export class Evacuation {
  readonly #parts: EvacuationParts
  readonly #moving = new Map<string, Promise<void>>()
  readonly #againAt = new Map<string, number>()

  constructor(parts: EvacuationParts) {
    this.#parts = parts
  }

  /** Begins moves. `resting`: only sandboxes that nobody uses now, so that nobody's programs end. */
  async look(address: string, which: 'all' | 'resting'): Promise<void> {
    const { store, now } = this.#parts
    const here = (await store.list()).filter(({ host, state }) => host === address && isLiving(state))
    const due = here
      .filter(({ id, state }) => (which === 'all' || state !== 'running') && !this.#moving.has(id))
      .filter(({ id }) => (this.#againAt.get(id) ?? 0) <= now())
      // Those in use have most to lose.
      .sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running'))
    for (const sandbox of due.slice(0, Math.max(0, AT_ONCE - this.#moving.size))) this.#begin(sandbox)
  }

  /** Waits for what has begun. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#moving.values())
  }

  #begin({ id, host }: Sandbox): void {
    const { moves, now, log } = this.#parts
    const moving = moves
      .move(id)
      .then(
        () => void this.#againAt.delete(id),
        (error: unknown) => {
          log.warn({ sandbox: id, host, err: error }, 'evacuation: it stays for now')
          this.#againAt.set(id, now() + AGAIN_AFTER_MS)
        },
      )
      .finally(() => this.#moving.delete(id))
    this.#moving.set(id, moving)
  }
}
