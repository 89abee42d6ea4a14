import type { DocumentStore, LogEntry, StoredDocument } from './document-store.ts'

/** The twin of drivers/document-journal.ts: outlives the worker that uses it. */
export class MemoryDocumentStore implements DocumentStore {
  readonly #documents = new Map<string, StoredDocument>()

  paths(): string[] {
    return [...this.#documents.keys()]
  }

  read(path: string): StoredDocument | undefined {
    const stored = this.#documents.get(path)
    return stored && { ...stored, log: [...stored.log] }
  }

  write(path: string, document: StoredDocument): void {
    this.#documents.set(path, { ...document, log: [...document.log] })
  }

  append(path: string, entry: LogEntry): void {
    this.#documents.get(path)?.log.push(entry)
  }

  rename(from: string, to: string): void {
    const stored = this.#documents.get(from)
    if (!stored || from === to) return
    this.#documents.delete(from)
    this.#documents.set(to, stored)
  }

  remove(path: string): void {
    this.#documents.delete(path)
  }
}
