import { Store } from '../../shared/store.ts'
import { isWithin } from '../files/paths.ts'
import type { Connection } from '../wire/connection.ts'
import { Document, type Person } from './document.ts'
import type { DocumentCache } from './document-cache.ts'

/** The open documents. */
export class Documents {
  /** How many documents have edits that are not in their files; changes with every document's state. */
  readonly unsaved = new Store(0)
  readonly #documents = new Map<string, Document>()
  readonly #connection: Connection
  readonly #cache: DocumentCache
  readonly #person: Store<Person>

  constructor(connection: Connection, cache: DocumentCache, person: Store<Person>) {
    this.#connection = connection
    this.#cache = cache
    this.#person = person
    connection.onSession(() => {
      for (const document of this.#documents.values()) document.sessionBegan()
      void this.#openPending()
    })
    connection.on('files.renamed', ({ from, to }) => this.#renamed(from, to))
  }

  /** The document at `path`, loading when it was not open. */
  at(path: string): Document {
    const known = this.#documents.get(path)
    if (known) return known
    const document = new Document(path, this.#connection, this.#cache, this.#person)
    this.#documents.set(path, document)
    document.state.subscribe(() => this.#count())
    void document.load()
    return document
  }

  /** The documents in memory: shown, or shown before. */
  all(): readonly Document[] {
    return [...this.#documents.values()]
  }

  isDirty(path: string): boolean {
    return this.#documents.get(path)?.state.get().dirty === true
  }

  /** Resolves to whether all of it is in the file; one that is not open has nothing else. */
  async save(path: string): Promise<boolean> {
    const document = this.#documents.get(path)
    return document === undefined || document.save()
  }

  /** Forgets it as it is; what is pending stays in this browser. */
  close(path: string): void {
    const document = this.#documents.get(path)
    if (!document) return
    document.close()
    this.#documents.delete(path)
    if (document.state.get().conflict !== undefined) this.#cache.remove(path).catch(() => undefined)
    this.#count()
  }

  async saveAll(): Promise<void> {
    await Promise.all([...this.#documents.values()].map((document) => document.save()))
  }

  /** What was typed without a connection reaches its file, though nobody has it open any more. */
  async #openPending(): Promise<void> {
    for (const path of await this.#cache.pending().catch(() => [])) this.at(path)
  }

  #renamed(from: string, to: string): void {
    for (const [path, document] of [...this.#documents]) {
      if (!isWithin(path, from)) continue
      this.#documents.delete(path)
      document.moved(to + path.slice(from.length))
      this.#documents.set(document.path, document)
    }
  }

  #count(): void {
    this.unsaved.set([...this.#documents.values()].filter(({ state }) => state.get().dirty).length)
  }
}
