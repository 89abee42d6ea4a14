import type { Clock } from '../../../core/clock.ts'
import { type LanguageServer, languageOfFile } from '../../../core/language-servers.ts'
import { textHash } from '../../../core/text-hash.ts'
import type { Documents } from '../documents/documents.ts'
import type { HostedDocument } from '../documents/hosted-document.ts'
import type { FileUris } from './file-uri.ts'
import { singleEdit } from './text-positions.ts'

/** A document as the server has it. */
export interface SyncedDocument {
  readonly uri: string
  readonly path: string
  readonly document: HostedDocument
  version: number
  text: string
  /** Of the document's own text, as pages have it. */
  hash: number
}

export interface SyncedDocumentsOptions {
  server: LanguageServer
  documents: Documents
  uris: FileUris
  clock: Clock
  /** Something was opened or typed: the server is told when it is flushed, at the latest soon. */
  onTouched: () => void
  onClosed: (uri: string) => void
}

/** After the last keystroke, when nobody asks for anything before. */
const FLUSH_AFTER_MS = 150

/** Tells a server of the documents of its languages that pages have open: LSP's document synchronisation. */
export class SyncedDocuments {
  readonly #options: SyncedDocumentsOptions
  readonly #open = new Map<HostedDocument, { stop: () => void; synced?: SyncedDocument }>()
  readonly #touched = new Set<HostedDocument>()
  readonly #stop: () => void
  #notify: ((method: string, params: unknown) => void) | undefined
  #cancelFlush: (() => void) | undefined

  constructor(options: SyncedDocumentsOptions) {
    this.#options = options
    this.#stop = options.documents.observe({
      opened: (document) => this.#opened(document),
      closed: (document) => this.#closed(document),
      moved: (document) => {
        this.#closed(document)
        this.#opened(document)
      },
    })
  }

  /** How many there are of this server's languages, whether it runs or not. */
  get count(): number {
    return this.#open.size
  }

  all(): SyncedDocument[] {
    return [...this.#open.values()].flatMap(({ synced }) => synced ?? [])
  }

  at(uri: string): SyncedDocument | undefined {
    const path = this.#options.uris.pathOf(uri)
    return path === undefined ? undefined : this.all().find((one) => one.path === path)
  }

  /** A server that knows nothing yet is told of everything. */
  attach(notify: (method: string, params: unknown) => void): void {
    this.#notify = notify
    for (const [document, entry] of this.#open) {
      delete entry.synced
      this.#touched.add(document)
    }
    this.flush()
  }

  /** There is no server any more. */
  detach(): void {
    this.#notify = undefined
    this.#cancelFlush?.()
    for (const entry of this.#open.values()) delete entry.synced
  }

  /** From now on the server knows every document as it is. */
  flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    const touched = [...this.#touched]
    this.#touched.clear()
    if (!this.#notify || touched.length === 0) return
    for (const document of touched) this.#tell(document, this.#notify)
  }

  close(): void {
    this.#stop()
    this.#cancelFlush?.()
    for (const { stop } of this.#open.values()) stop()
    this.#open.clear()
  }

  #tell(document: HostedDocument, notify: (method: string, params: unknown) => void): void {
    const entry = this.#open.get(document)
    const language = languageOfFile(document.path)
    if (!entry || !language) return
    const own = document.text.toString()
    const text = forServer(own)
    const { synced } = entry
    if (!synced) {
      const uri = this.#options.uris.of(document.path)
      entry.synced = { uri, path: document.path, document, version: 1, text, hash: textHash(own) }
      notify('textDocument/didOpen', { textDocument: { uri, languageId: language.languageId, version: 1, text } })
      return
    }
    const edit = singleEdit(synced.text, text)
    if (!edit) return
    synced.version++
    synced.text = text
    synced.hash = textHash(own)
    const { uri, version } = synced
    notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [edit] })
  }

  #opened(document: HostedDocument): void {
    if (languageOfFile(document.path)?.server !== this.#options.server || this.#open.has(document)) return
    const touch = () => this.#touch(document)
    document.text.observe(touch)
    this.#open.set(document, { stop: () => document.text.unobserve(touch) })
    touch()
  }

  #closed(document: HostedDocument): void {
    const entry = this.#open.get(document)
    if (!entry) return
    entry.stop()
    this.#open.delete(document)
    this.#touched.delete(document)
    if (!entry.synced) return
    const { uri } = entry.synced
    this.#notify?.('textDocument/didClose', { textDocument: { uri } })
    this.#options.onClosed(uri)
  }

  #touch(document: HostedDocument): void {
    this.#touched.add(document)
    this.#options.onTouched()
    this.#cancelFlush?.()
    this.#cancelFlush = this.#options.clock.after(FLUSH_AFTER_MS, () => this.flush())
  }
}

/** A lone carriage return ends a line for a server, but not in an editor. */
function forServer(text: string): string {
  return text.replaceAll('\r', ' ')
}
