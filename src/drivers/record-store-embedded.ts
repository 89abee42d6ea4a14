import type {
  BatchAnswer,
  RecordBatch,
  RecordStore,
  StoredRrset,
  ZoneContent,
  ZoneUpdate,
  ZoneWatcher,
} from '../core/dns/record-store.ts'
import { RecordTable } from '../core/dns/record-table.ts'
import { WatchedTable } from '../core/dns/watched-table.ts'
import type { RecordType } from '../core/wire/dns.ts'
import { Journal } from './journal.ts'

/** Updates in the log before it is replaced by a snapshot. */
const compactAfter = 20_000

/** A zone's records in a journal on disk, for one dns server. */
export class EmbeddedRecordStore implements RecordStore {
  readonly #journal: Journal<ZoneContent, ZoneUpdate>
  /** With the updates that are on their way to the disk; what the next batch is checked against. */
  readonly #staged: RecordTable
  /** What is on disk. */
  readonly #stored: WatchedTable

  private constructor(journal: Journal<ZoneContent, ZoneUpdate>, staged: RecordTable) {
    this.#journal = journal
    this.#staged = staged
    this.#stored = new WatchedTable(new RecordTable())
    this.#stored.reset(staged.content())
  }

  /** Opens the journal in `dir`, which is made if it is missing. */
  static async open(dir: string): Promise<EmbeddedRecordStore> {
    const table = new RecordTable()
    const journal = await Journal.open<ZoneContent, ZoneUpdate>(dir, {
      restore: (content) => table.reset(content),
      apply: (update) => table.update(update),
    })
    return new EmbeddedRecordStore(journal, table)
  }

  async apply(batch: RecordBatch): Promise<BatchAnswer> {
    const requirement = this.#staged.firstUnmet(batch)
    if (requirement !== undefined) return { outcome: 'failed', requirement }
    const update = { serial: this.#staged.serial + 1, changes: batch.changes }
    this.#staged.update(update)
    const written = this.#journal.append(update)
    // The log has this update already; a snapshot that fails shows at the next append.
    if (this.#journal.entries > compactAfter) this.#journal.compact(this.#staged.content()).catch(() => {})
    await written
    this.#stored.update(update)
    return { outcome: 'applied', serial: update.serial }
  }

  get(name: string, type: RecordType): StoredRrset | undefined {
    return this.#stored.records.get(name, type)
  }

  list(): ZoneContent {
    return this.#stored.records.content()
  }

  watch(watcher: ZoneWatcher): () => void {
    return this.#stored.watch(watcher)
  }

  ping(): Promise<void> {
    return this.#journal.settled()
  }

  close(): Promise<void> {
    return this.#journal.close()
  }
}
