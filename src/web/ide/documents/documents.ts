import type { Clock } from '../../../core/clock.ts'
import { Store } from '../../shared/store.ts'
import { isWithin, nameOf, parentOf } from '../files/paths.ts'
import type { PageMemory } from '../frame/memory.ts'
import { Document, type FileAccess, type TextBuffer } from './document.ts'
import { closeTab, neighbourTab, openTab, renameTabs, type Tabs } from './tabs.ts'

/** Makes the editor's buffer for a text; `edited` is to be called after each edit of the person's. */
export type MakeBuffer = (path: string, text: string, edited: () => void) => TextBuffer

/** The open documents and their tabs. */
export class Documents {
  readonly tabs: Store<Tabs>
  /** How many documents have edits that are not on the disk; changes with every document's state. */
  readonly unsaved = new Store(0)
  /** Changes when a document has been loaded. */
  readonly opened = new Store(0)
  readonly #documents = new Map<string, Document>()
  readonly #files: FileAccess
  readonly #clock: Clock
  readonly #memory: PageMemory
  readonly #makeBuffer: MakeBuffer

  constructor(files: FileAccess, clock: Clock, memory: PageMemory, makeBuffer: MakeBuffer) {
    this.#files = files
    this.#clock = clock
    this.#memory = memory
    this.#makeBuffer = makeBuffer
    const { open, active } = memory.value.tabs
    this.tabs = new Store<Tabs>({ open, active })
    this.tabs.subscribe(() => {
      const tabs = this.tabs.get()
      memory.remember({ tabs: { open: [...tabs.open], active: tabs.active } })
    })
  }

  /** The document at `path`, loading when it was not open. */
  at(path: string): Document {
    const known = this.#documents.get(path)
    if (known) return known
    const document = new Document(path, this.#files, this.#clock)
    this.#documents.set(path, document)
    document.state.subscribe(() => this.#stateChanged(document))
    void this.#load(document)
    return document
  }

  isDirty(path: string): boolean {
    return this.#documents.get(path)?.state.get().dirty === true
  }

  /** Tries again to load what could not be loaded. */
  reload(path: string): void {
    const document = this.#documents.get(path)
    if (document) void this.#load(document)
  }

  open(path: string): void {
    this.at(path)
    this.tabs.update((tabs) => openTab(tabs, path))
  }

  /** Saves what is unsaved first; stays open when that is not possible. */
  async close(path: string): Promise<void> {
    const document = this.#documents.get(path)
    if (document?.state.get().dirty && !(await document.save())) return
    this.discard(path)
  }

  /** Closes the tab, whatever is in it. */
  discard(path: string): void {
    this.#documents.get(path)?.close()
    this.#documents.delete(path)
    this.#memory.keepDraft(path, undefined)
    this.tabs.update((tabs) => closeTab(tabs, path))
    this.#count()
  }

  step(by: 1 | -1): void {
    this.tabs.update((tabs) => neighbourTab(tabs, by))
  }

  async saveAll(): Promise<void> {
    await Promise.all([...this.#documents.values()].map((document) => document.save()))
  }

  /** After a (re)connect: what could not be loaded is loaded, what is unsaved is saved, the rest compared. */
  connected(): void {
    for (const document of this.#documents.values()) {
      const { phase, dirty } = document.state.get()
      if (phase === 'failed' || (phase === 'loading' && !document.buffer)) void this.#load(document)
      else if (dirty) void document.save()
      else void document.diskChanged()
    }
  }

  /** On `files.changed`. */
  diskChanged(directory: string, names: readonly string[]): void {
    for (const document of this.#documents.values()) {
      const concerned = names.length === 0 || names.includes(nameOf(document.path))
      if (parentOf(document.path) === directory && concerned) void document.diskChanged()
    }
  }

  /** Follows a rename of a file or folder; to be called after saving what is below it. */
  renamed(from: string, to: string): void {
    for (const path of [...this.#documents.keys()]) {
      if (!isWithin(path, from)) continue
      this.#documents.get(path)?.close()
      this.#documents.delete(path)
      this.#memory.keepDraft(path, undefined)
    }
    this.tabs.update((tabs) => renameTabs(tabs, from, to))
    this.#count()
  }

  removed(path: string): void {
    for (const open of this.tabs.get().open) if (isWithin(open, path)) this.discard(open)
  }

  /** Folders that open documents lie in. */
  folders(): string[] {
    return [...new Set(this.tabs.get().open.map(parentOf))]
  }

  /** Writes drafts of all that is unsaved; to be called now and then, and when the page is about to go. */
  keepDrafts(): void {
    for (const { path, buffer, base, state } of this.#documents.values()) {
      if (state.get().dirty && buffer) this.#memory.keepDraft(path, { text: buffer.text(), base })
    }
  }

  async #load(document: Document): Promise<void> {
    const make = (text: string) => this.#makeBuffer(document.path, text, () => document.edited())
    await document.load(make, this.#memory.draft(document.path))
    this.opened.update((count) => count + 1)
  }

  #stateChanged(document: Document): void {
    if (this.#documents.get(document.path) !== document) return
    const { phase, dirty } = document.state.get()
    if (phase === 'open' && !dirty) this.#memory.keepDraft(document.path, undefined)
    this.#count()
  }

  #count(): void {
    this.unsaved.set([...this.#documents.values()].filter(({ state }) => state.get().dirty).length)
  }
}
