import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { type LanguageServer, languageOfFile } from '../../../core/language-servers.ts'
import { quote } from '../../../core/names.ts'
import type { LanguageStatus } from '../../../core/wire/operations/language.ts'
import type { Filtered } from '../../../drivers/filter-program.ts'
import type { Formatter } from '../../../drivers/formatter-programs.ts'
import type { TreeChange } from '../../../drivers/tree-watch.ts'
import type { Documents } from '../documents/documents.ts'
import { FileUris } from './file-uri.ts'
import { type FormatRequest, type FormatResult, formatDocument } from './formatting.ts'
import { LanguageHost } from './language-host.ts'
import type { StartServer } from './language-session.ts'
import { applyFileEdits, type FileEdits } from './workspace-edits.ts'

export interface LanguagesOptions {
  /** Absolute, links followed. */
  root: string
  documents: Documents
  clock: Clock
  find: (server: LanguageServer) => StartServer | string
  python: () => string | undefined
  /** Begins to watch the project's files. */
  watch: (onChange: (changes: TreeChange[] | undefined) => void) => { close(): void }
  readSource: (uri: string) => Promise<string>
  formattersFor: (path: string) => Formatter[]
  runFormatter: (formatter: Formatter, text: string) => Promise<Filtered>
  onStatus: (status: LanguageStatus) => void
}

/** Files outside of the project that were named, and may be asked for. */
const MAX_PLACES = 5_000
/** Installed dependencies: after a change of these a server looks at everything anew. */
const DEPENDENCIES: Partial<Record<LanguageServer, RegExp>> = {
  typescript: /(?:^|\/)node_modules(?:\/[^/]+)?$/,
  python: /(?:^|\/)(?:site-packages(?:\/[^/]+)?|pyvenv\.cfg)$/,
}
const DEPENDENCIES_SETTLE_MS = 1_500

/** All language servers of the sandbox, and what pages may do with them. */
export class Languages {
  readonly uris: FileUris
  readonly #options: LanguagesOptions
  readonly #hosts = new Map<LanguageServer, LanguageHost>()
  readonly #places = new Set<string>()
  readonly #settling = new Map<LanguageServer, () => void>()
  #watch: { close(): void } | undefined
  #closed = false

  constructor(options: LanguagesOptions) {
    this.#options = options
    this.uris = new FileUris(options.root)
  }

  /** The server of a kind; made, not started. */
  host(server: LanguageServer): LanguageHost {
    const known = this.#hosts.get(server)
    if (known) return known
    if (this.#closed) throw new OmegaError('NOT_READY', 'The worker is about to stop.')
    const { documents, clock, find, python, onStatus, watch } = this.#options
    const host = new LanguageHost({
      server,
      documents,
      uris: this.uris,
      clock,
      find: () => find(server),
      python,
      onStatus,
    })
    this.#hosts.set(server, host)
    this.#watch ??= watch((changes) => this.#filesChanged(changes))
    return host
  }

  /** Process ids of the servers that run. */
  pids(): number[] {
    return [...this.#hosts.values()].flatMap(({ pid }) => pid ?? [])
  }

  /** A server has pointed at these: those outside of the project may be read from now on. */
  named(uris: readonly string[]): void {
    for (const uri of uris) {
      if (this.uris.pathOf(uri) !== undefined) continue
      this.#places.delete(uri)
      this.#places.add(uri)
    }
    for (const uri of this.#places) {
      if (this.#places.size <= MAX_PLACES) break
      this.#places.delete(uri)
    }
  }

  async source(uri: string): Promise<string> {
    if (this.#places.has(uri)) return this.#options.readSource(uri)
    throw new OmegaError(
      'FORBIDDEN',
      `${quote(uri)} is outside of the project, and no language server has pointed at it.`,
    )
  }

  /** Edits files on behalf of a page; servers know of it when this resolves. */
  async edit(files: readonly FileEdits[]): Promise<void> {
    await applyFileEdits(this.#options.documents, files)
    const changes = files.map(({ path }): TreeChange => ({ path, kind: 'changed' }))
    for (const host of this.#hosts.values()) host.filesChanged(changes)
  }

  async format(request: FormatRequest): Promise<FormatResult> {
    const { documents, formattersFor, runFormatter } = this.#options
    return documents.use(request.path, (document) =>
      formatDocument(document, request, {
        formattersFor,
        run: runFormatter,
        hostOf: (path) => {
          const server = languageOfFile(path)?.server
          return server && this.host(server)
        },
      }),
    )
  }

  close(): void {
    this.#closed = true
    this.#watch?.close()
    for (const cancel of this.#settling.values()) cancel()
    for (const host of this.#hosts.values()) host.close()
  }

  #filesChanged(changes: TreeChange[] | undefined): void {
    for (const [server, host] of this.#hosts) {
      const installed = DEPENDENCIES[server]
      if (installed && changes?.some(({ path }) => installed.test(path))) this.#restartSoon(server, host)
      host.filesChanged(changes)
    }
  }

  #restartSoon(server: LanguageServer, host: LanguageHost): void {
    this.#settling.get(server)?.()
    const restart = () => {
      this.#settling.delete(server)
      if (host.status.state === 'ready') host.restart()
    }
    this.#settling.set(server, this.#options.clock.after(DEPENDENCIES_SETTLE_MS, restart))
  }
}
