import type { RecordType, Rrset } from '../wire/dns.ts'

/** An RRset as a store keeps it: with the zone's serial of its last change, by which writers tell versions apart. */
export interface StoredRrset extends Rrset {
  serial: number
}

/** One RRset of a batch: what it shall be, or undefined to take it away. */
export interface RrsetChange {
  name: string
  type: RecordType
  rrset: Rrset | undefined
}

/** What an RRset must be before a batch for the batch to happen: missing, there, or last changed at this serial. */
export interface Requirement {
  name: string
  type: RecordType
  is: 'absent' | 'present' | number
}

export interface RecordBatch {
  changes: readonly RrsetChange[]
  requirements: readonly Requirement[]
}

export type BatchAnswer =
  | { outcome: 'applied'; serial: number }
  /** Nothing was changed; `requirement` is the index of the first one that did not hold. */
  | { outcome: 'failed'; requirement: number }

/** A batch that happened. */
export interface ZoneUpdate {
  serial: number
  changes: readonly RrsetChange[]
}

/** Everything a zone's store keeps, and the serial of its last batch (0 before the first). */
export interface ZoneContent {
  serial: number
  rrsets: StoredRrset[]
}

/** Is told what a store keeps: all of it first (and again after a gap), then every batch in order, each once. */
export interface ZoneWatcher {
  reset(content: ZoneContent): void
  update(update: ZoneUpdate): void
}

/**
 * The truth about one zone's records. Names are relative to the zone, types and records checked by the caller.
 *
 * A store object has the whole zone in memory, as of the last update its watchers were told; reading it never waits.
 */
export interface RecordStore {
  /**
   * All changes or none, as one atomic and durable step that raises the serial by one. Resolves after the watchers of
   * this object have been told. A store that cannot be written rejects with STORE_UNAVAILABLE; after that the batch
   * may still have happened.
   */
  apply(batch: RecordBatch): Promise<BatchAnswer>
  get(name: string, type: RecordType): StoredRrset | undefined
  /** Everything, ordered by name and type. */
  list(): ZoneContent
  /** Calls the watcher's `reset` before it returns the function that ends the watch. */
  watch(watcher: ZoneWatcher): () => void
  /** Resolves when a batch could be applied. */
  ping(): Promise<void>
  close(): Promise<void>
}
