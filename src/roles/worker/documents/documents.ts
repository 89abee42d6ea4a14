import type { Clock } from '../../../core/clock.ts'
import type { DocumentStore } from '../../../core/document-store.ts'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { DocumentFiles } from './document-files.ts'
import { HostedDocument } from './hosted-document.ts'

/** How long a document nobody has open stays in memory. */
const LINGER_MS = 30_000
/** How often is looked whether a file that was removed is there again; its folder may have gone with it. */
const GONE_LOOK_MS = 2_000

export interface DocumentsOptions {
  files: DocumentFiles & {
    /** Tells of changes in a folder; no names: anything may have changed. */
    watch(folder: string, onChange: (names: string[]) => void): Promise<{ close(): void }>
  }
  store: DocumentStore
  clock: Clock
  newGeneration: () => string
}

/** Told of the documents that pages have open; those that only programs work on are nobody's affair. */
export interface DocumentsObserver {
  opened(document: HostedDocument): void
  /** No page has it open any more. */
  closed(document: HostedDocument): void
  /** An open one is called differently now. */
  moved(document: HostedDocument, from: string): void
}

/** The documents of all files that are open somewhere: one for each file, whoever has it open. */
export class Documents {
  readonly #options: DocumentsOptions
  readonly #documents = new Map<string, Promise<HostedDocument>>()
  readonly #lingering = new Map<HostedDocument, () => void>()
  readonly #watches = new Map<string, Promise<{ close(): void } | undefined>>()
  readonly #shown = new Set<HostedDocument>()
  readonly #observers = new Set<DocumentsObserver>()
  #cancelLook: (() => void) | undefined
  #closed = false

  constructor(options: DocumentsOptions) {
    this.#options = options
  }

  /** Tells of what is open now, then of what changes; the returned function ends it. */
  observe(observer: DocumentsObserver): () => void {
    this.#observers.add(observer)
    for (const document of this.#shown) observer.opened(document)
    return () => this.#observers.delete(observer)
  }

  /** For files that are a copy: what pages know of the ones they were made of must not be merged with them. */
  renew(): void {
    const { store, newGeneration } = this.#options
    for (const path of store.paths()) {
      const stored = store.read(path)
      if (stored) store.write(path, { ...stored, generation: newGeneration() })
    }
  }

  /** Documents with edits that their files do not have, since the worker ended before it could save them: saves them. */
  async recover(): Promise<void> {
    const { store } = this.#options
    const unsaved = store.paths().filter((path) => store.read(path)?.log.some(({ kind }) => kind === 'update'))
    for (const path of unsaved) await this.use(path, (document) => document.save()).catch(() => undefined)
  }

  /** The document at `path`; `hold` must be called before anything else is awaited, or it may be put away again. */
  async open<T>(path: string, hold: (document: HostedDocument) => T): Promise<T> {
    const clean = normalize(path)
    const document = await (this.#documents.get(clean) ?? this.#load(clean))
    this.#lingering.get(document)?.()
    this.#lingering.delete(document)
    const held = hold(document)
    if (document.viewers > 0 && !this.#shown.has(document)) {
      this.#shown.add(document)
      for (const observer of this.#observers) observer.opened(document)
    }
    return held
  }

  /** Somebody has closed it. */
  released(document: HostedDocument): void {
    if (document.viewers === 0 && this.#shown.delete(document)) {
      for (const observer of this.#observers) observer.closed(document)
    }
    if (document.viewers > 0 || this.#lingering.has(document) || this.#closed) return
    const putAway = this.#options.clock.after(LINGER_MS, () => void this.#putAway(document))
    this.#lingering.set(document, putAway)
  }

  /** Works on the document at `path`, open or not. */
  async use<T>(path: string, work: (document: HostedDocument) => Promise<T>): Promise<T> {
    const document = await this.open(path, (found) => found)
    try {
      return await work(document)
    } finally {
      this.released(document)
    }
  }

  /** The documents at and below a path that are in memory. */
  async below(path: string): Promise<HostedDocument[]> {
    const clean = normalize(path)
    const promises = [...this.#documents].filter(([open]) => isWithin(open, clean)).map(([, document]) => document)
    return (await Promise.allSettled(promises)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** Writes what is unsaved, as far as that can be. */
  async saveAll(): Promise<void> {
    const unsaved = (await this.below('')).filter(({ state }) => state.dirty && state.conflict === undefined)
    await Promise.allSettled(unsaved.map((document) => document.save()))
  }

  /** Does what gives a file or folder another name, and lets its documents follow. */
  async rename(from: string, to: string, work: () => Promise<void>): Promise<void> {
    const [source, target] = [normalize(from), normalize(to)]
    const moving = await this.below(source)
    const { store } = this.#options
    const rename = async () => {
      await work()
      const movedPath = (path: string) => target + path.slice(source.length)
      for (const path of store.paths()) if (isWithin(path, source)) store.rename(path, movedPath(path))
      for (const document of moving) {
        const former = document.path
        this.#documents.delete(former)
        document.moved(movedPath(former))
        this.#documents.set(document.path, Promise.resolve(document))
        this.#watch(document.path)
        if (this.#shown.has(document)) for (const observer of this.#observers) observer.moved(document, former)
      }
      this.#unwatchUnused()
    }
    // None of them may write to its old place meanwhile.
    await moving.reduce<() => Promise<void>>((inner, document) => () => document.aside(inner), rename)()
  }

  /** Saves everything and ends. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelLook?.()
    for (const cancel of this.#lingering.values()) cancel()
    const documents = await this.below('')
    await Promise.all(documents.map((document) => document.close()))
    this.#documents.clear()
    this.#unwatchUnused()
  }

  #load(path: string): Promise<HostedDocument> {
    if (this.#closed) return Promise.reject(new OmegaError('NOT_READY', 'The worker is about to stop.'))
    const { files, store, clock, newGeneration } = this.#options
    const loading = HostedDocument.load({ path, files, store, clock, newGeneration }).then((document) => {
      if (!document.isGone) return document
      document.drop()
      throw new OmegaError('FILE_NOT_FOUND', `There is no ${quote(path)}.`)
    })
    this.#documents.set(path, loading)
    this.#watch(path)
    loading.then(
      () => this.#lookForGone(),
      () => {
        if (this.#documents.get(path) === loading) this.#documents.delete(path)
        this.#unwatchUnused()
      },
    )
    return loading
  }

  async #putAway(document: HostedDocument): Promise<void> {
    this.#lingering.delete(document)
    if (document.viewers > 0) return
    if (document.state.dirty && document.state.conflict === undefined) await document.save().catch(() => undefined)
    if (document.viewers > 0 || (document.state.dirty && document.state.conflict === undefined)) {
      this.released(document)
      return
    }
    this.#documents.delete(document.path)
    document.drop()
    this.#unwatchUnused()
  }

  /** One watcher for each folder with documents in it. */
  #watch(path: string): void {
    const folder = parentOf(path)
    if (this.#watches.has(folder) || this.#closed) return
    const onChange = (names: string[]) => {
      for (const [open, document] of this.#documents) {
        if (parentOf(open) !== folder || (names.length > 0 && !names.includes(nameOf(open)))) continue
        document.then((found) => found.fileChanged()).catch(() => undefined)
      }
    }
    const watching = this.#options.files.watch(folder, onChange).catch(() => undefined)
    this.#watches.set(folder, watching)
  }

  #unwatchUnused(): void {
    const used = new Set([...this.#documents.keys()].map(parentOf))
    for (const [folder, watching] of this.#watches) {
      if (used.has(folder)) continue
      this.#watches.delete(folder)
      void watching.then((watcher) => watcher?.close())
    }
  }

  /** A folder that went took its watcher along. */
  #lookForGone(): void {
    this.#cancelLook ??= this.#options.clock.after(GONE_LOOK_MS, async () => {
      this.#cancelLook = undefined
      const open = await this.below('')
      for (const document of open) {
        if (document.state.conflict !== 'gone') continue
        await document.fileChanged()
        if (document.state.conflict === 'gone' || this.#closed) continue
        const folder = parentOf(document.path)
        void this.#watches.get(folder)?.then((watcher) => watcher?.close())
        this.#watches.delete(folder)
        this.#watch(document.path)
      }
      if (open.length > 0 && !this.#closed) this.#lookForGone()
    })
  }
}

/** The same path for the same file, as far as its spelling goes. */
function normalize(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/')
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}
