/** A document as this browser has it. */
export interface CachedDocument {
  generation: string
  /** Yjs updates, to be applied in any order. */
  updates: Uint8Array[]
  /** There is something typed here of which the worker has not said that it is in the file. */
  pending: boolean
  /** Text typed into a document that was lost, until its person has decided. */
  stranded?: string
}

/** Documents kept in the browser, so that what is typed outlives the page and the connection. */
export interface DocumentCache {
  /** Paths of the documents with something pending. */
  pending(): Promise<string[]>
  load(path: string): Promise<CachedDocument | undefined>
  /** Forgets what was kept of another generation; does nothing when it is the one that is kept. */
  begin(path: string, generation: string, stranded: string | undefined): Promise<void>
  append(path: string, generation: string, update: Uint8Array): Promise<void>
  mark(path: string, change: { pending?: boolean; stranded?: string | undefined }): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
}
