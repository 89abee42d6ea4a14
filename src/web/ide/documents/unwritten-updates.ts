import { fromBase64, toBase64 } from './base64.ts'

/** A Yjs update of a document, as it is kept in the browser. */
export interface UpdateRow {
  path: string
  generation: string
  update: Uint8Array
}

/** One key for each page, since several may go at once. */
const KEY = 'omega.unwritten.'

/**
 * Updates on their way into IndexedDB, which takes its time. A page that goes leaves them in localStorage, which does
 * not, and the next one takes them from there.
 */
export class UnwrittenUpdates {
  readonly #storage: Storage | undefined
  #rows: UpdateRow[] = []
  /** Keys of pages that have gone, to be removed once their updates are written. */
  #left: string[] = []

  constructor(storage: Storage | undefined) {
    this.#storage = storage
    this.#take()
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0
  }

  all(): readonly UpdateRow[] {
    return [...this.#rows]
  }

  add(row: UpdateRow): void {
    this.#rows.push(row)
  }

  /** These are written for good. */
  written(rows: readonly UpdateRow[]): void {
    const done = new Set(rows)
    this.#rows = this.#rows.filter((row) => !done.has(row))
    for (const key of this.#left.splice(0)) this.#storage?.removeItem(key)
  }

  forget(path: string): void {
    this.#rows = this.#rows.filter((row) => row.path !== path)
  }

  leave(): void {
    if (this.isEmpty) return
    const rows = this.#rows.map((row) => ({ ...row, update: toBase64(row.update) }))
    try {
      this.#storage?.setItem(KEY + Math.random().toString(36).slice(2), JSON.stringify(rows))
    } catch {
      // Full or forbidden: then only IndexedDB is left.
    }
  }

  #take(): void {
    const storage = this.#storage
    if (!storage) return
    for (const key of Object.keys(storage).filter((name) => name.startsWith(KEY))) {
      this.#left.push(key)
      try {
        const rows = JSON.parse(storage.getItem(key) ?? '[]') as (Omit<UpdateRow, 'update'> & { update: string })[]
        for (const row of rows) {
          this.#rows.push({ ...row, update: fromBase64(row.update) })
        }
      } catch {
        // Nonsense was kept; it goes with its key.
      }
    }
  }
}
