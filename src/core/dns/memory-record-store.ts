import type { RecordType } from '../wire/dns.ts'
import type { BatchAnswer, RecordBatch, RecordStore, StoredRrset, ZoneContent, ZoneWatcher } from './record-store.ts'
import { RecordTable } from './record-table.ts'
import { WatchedTable } from './watched-table.ts'

/** The in-memory twin of the record stores, for tests. */
export class MemoryRecordStore implements RecordStore {
  readonly #table = new WatchedTable(new RecordTable())

  async apply(batch: RecordBatch): Promise<BatchAnswer> {
    const requirement = this.#table.records.firstUnmet(batch)
    if (requirement !== undefined) return { outcome: 'failed', requirement }
    const serial = this.#table.records.serial + 1
    this.#table.update({ serial, changes: batch.changes })
    return { outcome: 'applied', serial }
  }

  get(name: string, type: RecordType): StoredRrset | undefined {
    return this.#table.records.get(name, type)
  }

  list(): ZoneContent {
    return this.#table.records.content()
  }

  watch(watcher: ZoneWatcher): () => void {
    return this.#table.watch(watcher)
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}
