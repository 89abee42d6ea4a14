/**
 * What the worker keeps of each document beside its file, so that a restarted worker goes on with the same one: without
 * its history, a page's copy and the worker's would be strangers, and merging them would double the text.
 */
export interface StoredDocument {
  generation: string
  lineEnding: 'lf' | 'crlf'
  /** The file begins with U+FEFF. */
  byteOrderMark: boolean
  /** Yjs update of the state whose text the file had at `version`. */
  base: Uint8Array
  version: string
  /** All that came after `base`, in order. */
  log: LogEntry[]
}

/**
 * update   a Yjs update
 * saving   the text of the state reached here is about to be written; the file then has this version, if it came to that
 * refused  it did not come to that
 */
export type LogEntry = { kind: 'update'; update: Uint8Array } | { kind: 'saving' | 'refused'; version: string }

/**
 * Keeps documents by their file's path. Every call is done when it returns, and survives the death of the worker.
 * Two implementations, one conformance suite: memory-document-store.ts and drivers/document-journal.ts.
 */
export interface DocumentStore {
  paths(): string[]
  /** Undefined as well for one that cannot be read: the file is there, and its history is lost. */
  read(path: string): StoredDocument | undefined
  /** Replaces all that is kept of a document. */
  write(path: string, document: StoredDocument): void
  /** Adds to a document that was written before. */
  append(path: string, entry: LogEntry): void
  /** Whatever was kept at `to` goes. Does nothing when there is nothing at `from`. */
  rename(from: string, to: string): void
  remove(path: string): void
}
