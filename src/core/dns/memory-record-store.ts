import type { BatchAnswer, RecordBatch, RecordStore, ZoneContent, ZoneWatcher } from './record-store.ts'
import { RecordTable } from './record-table.ts'

/** The in-memory twin of the record stores, for tests and for a zone nobody needs after a restart. */
export class MemoryRecordStore implements RecordStore {
  readonly #table = new RecordTable()
  readonly #watchers = new Set<ZoneWatcher>()

  async apply(batch: RecordBatch): Promise<BatchAnswer> {
    const requirement = this.#table.firstUnmet(batch)
    if (requirement !== undefined) return { outcome: 'failed', requirement }
    const update = { serial: this.#table.serial + 1, changes: batch.changes }
    this.#table.update(update)
    for (const watcher of this.#watchers) watcher.update(update)
    return { outcome: 'applied', serial: update.serial }
  }

  async list(): Promise<ZoneContent> {
    return this.#table.content()
  }

  async watch(watcher: ZoneWatcher): Promise<() => void> {
    watcher.reset(this.#table.content())
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#watchers.clear()
  }
}
