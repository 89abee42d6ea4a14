import { Store } from '../../shared/store.ts'
import { isWithin } from '../files/paths.ts'
import type { PageMemory } from '../frame/memory.ts'
import type { Connection } from '../wire/connection.ts'
import { Document, type Person } from './document.ts'
import type { DocumentCache } from './document-cache.ts'
import { closeTab, neighbourTab, openTab, renameTabs, type Tabs } from './tabs.ts'

/** The open documents and their tabs. */
export class Documents {
  readonly tabs: Store<Tabs>
  /** How many documents have edits that are not in their files; changes with every document's state. */
  readonly unsaved = new Store(0)
  readonly #documents = new Map<string, Document>()
  readonly #connection: Connection
  readonly #cache: DocumentCache
  readonly #person: Store<Person>

  constructor(connection: Connection, cache: DocumentCache, memory: PageMemory, person: Store<Person>) {
    this.#connection = connection
    this.#cache = cache
    this.#person = person
    const { open, active } = memory.value.tabs
    this.tabs = new Store<Tabs>({ open, active })
    this.tabs.subscribe(() => {
      const tabs = this.tabs.get()
      memory.remember({ tabs: { open: [...tabs.open], active: tabs.active } })
    })
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

  open(path: string): void {
    this.at(path)
    this.tabs.update((tabs) => openTab(tabs, path))
  }

  /** Closes the tab; what is not in the file yet stays in this browser until it is. */
  async close(path: string): Promise<void> {
    const document = this.#documents.get(path)
    if (document?.state.get().conflict === undefined) await document?.save()
    this.discard(path)
  }

  /** Closes the tab, whatever is in it. */
  discard(path: string): void {
    const document = this.#documents.get(path)
    document?.close()
    this.#documents.delete(path)
    if (document?.state.get().conflict !== undefined) this.#cache.remove(path).catch(() => undefined)
    this.tabs.update((tabs) => closeTab(tabs, path))
    this.#count()
  }

  step(by: 1 | -1): void {
    this.tabs.update((tabs) => neighbourTab(tabs, by))
  }

  async saveAll(): Promise<void> {
    await Promise.all([...this.#documents.values()].map((document) => document.save()))
  }

  /** The file or folder was removed by its person. */
  removed(path: string): void {
    for (const open of this.tabs.get().open) if (isWithin(open, path)) this.discard(open)
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
    this.tabs.update((tabs) => renameTabs(tabs, from, to))
  }

  #count(): void {
    this.unsaved.set([...this.#documents.values()].filter(({ state }) => state.get().dirty).length)
  }
}
