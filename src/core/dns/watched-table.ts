import type { ZoneContent, ZoneUpdate, ZoneWatcher } from './record-store.ts'
import type { RecordTable } from './record-table.ts'

/** A table of records and those who are told of its changes, in the order in which they came. */
export class WatchedTable implements ZoneWatcher {
  readonly records: RecordTable
  readonly #watchers = new Set<ZoneWatcher>()

  constructor(records: RecordTable) {
    this.records = records
  }

  reset(content: ZoneContent): void {
    this.records.reset(content)
    for (const watcher of this.#watchers) watcher.reset(content)
  }

  update(update: ZoneUpdate): void {
    this.records.update(update)
    for (const watcher of this.#watchers) watcher.update(update)
  }

  /** See RecordStore.watch. */
  watch(watcher: ZoneWatcher): () => void {
    watcher.reset(this.records.content())
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}
