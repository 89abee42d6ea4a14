import type { Clock } from '../../../core/clock.ts'
import type { FileUris } from './file-uri.ts'
import type { SyncedDocument, SyncedDocuments } from './synced-documents.ts'

export interface FileDiagnostics {
  uri: string
  diagnostics: unknown[]
  hash?: number
}

export interface DiagnosticsOptions {
  uris: FileUris
  synced: SyncedDocuments
  clock: Clock
  tell: (file: FileDiagnostics) => void
}

/** After the last change, before a server that does not tell by itself is asked. */
const PULL_AFTER_MS = 200
const MAX_A_FILE = 500
/** Of those open, as many are asked about after each change. */
const MAX_PULLED = 40

/** What the server finds wrong, file by file, whether it says so by itself or has to be asked. */
export class Diagnostics {
  readonly #options: DiagnosticsOptions
  readonly #files = new Map<string, FileDiagnostics>()
  #pull: ((uri: string) => Promise<unknown>) | undefined
  #cancelPull: (() => void) | undefined
  #pulling = false
  #again = false

  constructor(options: DiagnosticsOptions) {
    this.#options = options
  }

  /** Of all files of which there is something to say. */
  all(): FileDiagnostics[] {
    return [...this.#files.values()]
  }

  /** A server runs; `pull` asks it, if it must be asked. */
  attach(pull: ((uri: string) => Promise<unknown>) | undefined): void {
    this.#pull = pull
    this.pullSoon()
  }

  /** There is no server any more, and what it said is old. */
  detach(): void {
    this.#pull = undefined
    this.#cancelPull?.()
    for (const uri of [...this.#files.keys()]) this.forget(uri)
  }

  /** LSP's `textDocument/publishDiagnostics`. */
  published(params: unknown): void {
    const { uri, version, diagnostics } = (params ?? {}) as { uri?: unknown; version?: unknown; diagnostics?: unknown }
    if (typeof uri !== 'string' || !Array.isArray(diagnostics)) return
    const document = this.#options.synced.at(uri)
    // About a text that has changed since: it will be told again.
    if (document && typeof version === 'number' && version !== document.version) return
    this.#set(uri, diagnostics, document)
  }

  pullSoon(): void {
    if (!this.#pull) return
    this.#cancelPull?.()
    this.#cancelPull = this.#options.clock.after(PULL_AFTER_MS, () => void this.#pullAll())
  }

  /** The file is open no more. */
  forget(uri: string): void {
    this.#set(uri, [], undefined)
  }

  async #pullAll(): Promise<void> {
    this.#again = this.#pulling
    if (this.#pulling) return
    this.#pulling = true
    try {
      this.#options.synced.flush()
      for (const document of this.#options.synced.all().slice(-MAX_PULLED)) {
        const { version, hash, uri } = document
        const report = (await this.#pull?.(uri).catch(() => undefined)) as { kind?: unknown; items?: unknown } | null
        if (report?.kind !== 'full' || !Array.isArray(report.items) || document.version !== version) continue
        if (this.#options.synced.at(uri) === document) this.#set(uri, report.items, { ...document, hash })
      }
    } finally {
      this.#pulling = false
      if (this.#again) this.pullSoon()
    }
  }

  #set(uri: string, diagnostics: unknown[], document: Pick<SyncedDocument, 'hash' | 'path'> | undefined): void {
    const path = document?.path ?? this.#options.uris.pathOf(uri)
    if (path === undefined) return
    const spelled = this.#options.uris.of(path)
    if (diagnostics.length === 0 && !this.#files.has(spelled)) return
    const kept = diagnostics.slice(0, MAX_A_FILE)
    const file = { uri: spelled, diagnostics: kept, ...(document ? { hash: document.hash } : {}) }
    if (kept.length === 0) this.#files.delete(spelled)
    else this.#files.set(spelled, file)
    this.#options.tell(file)
  }
}
