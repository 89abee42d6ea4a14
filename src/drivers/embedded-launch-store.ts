import type { Offering } from '../core/host-provider.ts'
import type { Launch, LaunchChange, LaunchLimits, LaunchState, LaunchStore, OrderAnswer } from '../core/launch.ts'
import { LaunchBook, type LaunchSnapshot } from '../core/launch-book.ts'
import { Journal } from './journal.ts'

/**
 * Launches in this process, and durable: one process at a time. They are few, and each step that changes one writes all
 * of them down.
 */
export class EmbeddedLaunchStore implements LaunchStore {
  #book = new LaunchBook()
  readonly #journal: Journal<LaunchSnapshot, LaunchSnapshot>
  readonly #clock: () => number

  private constructor(journal: Journal<LaunchSnapshot, LaunchSnapshot>, clock: () => number) {
    this.#journal = journal
    this.#clock = clock
  }

  /** Opens those kept in `dir`, made if missing. Throws STORE_UNAVAILABLE if it is in use or damaged. */
  static async open(dir: string, clock: () => number = Date.now): Promise<EmbeddedLaunchStore> {
    const kept: { last?: LaunchSnapshot } = {}
    const keep = (snapshot: LaunchSnapshot) => {
      kept.last = snapshot
    }
    const journal = await Journal.open<LaunchSnapshot, LaunchSnapshot>(dir, { restore: keep, apply: keep })
    const store = new EmbeddedLaunchStore(journal, clock)
    if (kept.last) store.#book = LaunchBook.from(kept.last)
    return store
  }

  order(launch: Launch, limits: LaunchLimits, fence: number): Promise<OrderAnswer> {
    return this.#change((book, now) => book.order(now, launch, limits, fence))
  }
  exchange(id: string, offering: Offering, limits: LaunchLimits, fence: number): Promise<OrderAnswer> {
    return this.#change((book, now) => book.exchange(now, id, offering, limits, fence))
  }
  change(id: string, from: readonly LaunchState[], change: LaunchChange, fence: number): Promise<Launch | undefined> {
    return this.#change((book, now) => book.change(now, id, from, change, fence))
  }
  join(joinHash: string, address: string): Promise<Launch | undefined> {
    return this.#change((book, now) => book.join(now, joinHash, address))
  }
  report(joinHash: string, step: string): Promise<Launch | undefined> {
    return this.#change((book, now) => book.report(now, joinHash, step))
  }
  burn(address: string): Promise<void> {
    return this.#change((book, now) => book.burn(now, address))
  }
  forget(id: string, fence: number): Promise<boolean> {
    return this.#change((book, now) => book.forget(now, id, fence))
  }
  async list(): Promise<Launch[]> {
    return this.#book.list()
  }

  async wait(id: string): Promise<number> {
    return this.#book.wait(this.#clock(), id)
  }
  async leave(id: string): Promise<void> {
    this.#book.leave(id)
  }
  async waiting(): Promise<number> {
    return this.#book.waiting(this.#clock())
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  async #change<T>(step: (book: LaunchBook, now: number) => T): Promise<T> {
    const before = JSON.stringify(this.#book.snapshot())
    const answer = step(this.#book, this.#clock())
    const snapshot = this.#book.snapshot()
    if (JSON.stringify(snapshot) !== before) {
      await this.#journal.append(snapshot)
      if (this.#journal.entries > COMPACT_AFTER) await this.#journal.compact(this.#book.snapshot())
    }
    return answer
  }
}

const COMPACT_AFTER = 500
