import type { ServerCapabilities } from 'vscode-languageserver-protocol'
import type { Clock } from '../../../core/clock.ts'
import { type LanguageServer, serverTitles } from '../../../core/language-servers.ts'
import type { LanguageMessage, LanguageServerState, LanguageStatus } from '../../../core/wire/operations/language.ts'
import type { TreeChange } from '../../../drivers/tree-watch.ts'
import type { Documents } from '../documents/documents.ts'
import { Diagnostics } from './diagnostics.ts'
import type { FileUris } from './file-uri.ts'
import { LanguageSession, type StartServer } from './language-session.ts'
import { RpcCode, RpcError } from './rpc-peer.ts'
import { SyncedDocuments } from './synced-documents.ts'
import { applyFileEdits, readWorkspaceEdit } from './workspace-edits.ts'

export interface LanguageHostOptions {
  server: LanguageServer
  documents: Documents
  uris: FileUris
  clock: Clock
  /** How to start it, or a sentence that says why that cannot be. Asked before each start. */
  find: () => StartServer | string
  /** The project's own interpreter, for a server that wants to know. */
  python: () => string | undefined
  onStatus: (status: LanguageStatus) => void
}

/** Deaths within a while after which it is not started again by itself. */
const MAX_DEATHS = 5
const DEATHS_WITHIN_MS = 3 * 60_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000
/** Without a document of its languages. */
const IDLE_MS = 5 * 60_000
const MEMORY_LOOK_MS = 15_000
/** MiB. Its own limits (a garbage collector's) are lower; what passes this has lost control. */
const MAX_MEMORY: Record<LanguageServer, number> = { typescript: 1_600, python: 1_400, markup: 512 }

/** The sandbox's one server of a kind: started when it is needed, again when it dies, ended when nobody needs it. */
export class LanguageHost {
  readonly server: LanguageServer
  readonly synced: SyncedDocuments
  readonly diagnostics: Diagnostics
  readonly #options: LanguageHostOptions
  readonly #listeners = new Set<(message: LanguageMessage) => void>()
  #state: LanguageServerState = 'stopped'
  #detail: string | undefined
  #session: LanguageSession | undefined
  #ready: Promise<LanguageSession> | undefined
  #capabilities: ServerCapabilities | undefined
  #deaths: number[] = []
  #cancelRestart: (() => void) | undefined
  #cancelIdle: (() => void) | undefined
  #cancelMemory: (() => void) | undefined
  #closed = false

  constructor(options: LanguageHostOptions) {
    const { server, documents, uris, clock } = options
    this.#options = options
    this.server = server
    this.synced = new SyncedDocuments({
      server,
      documents,
      uris,
      clock,
      onTouched: () => this.#touched(),
      onClosed: (uri) => {
        this.diagnostics.forget(uri)
        this.#considerIdle()
      },
    })
    this.diagnostics = new Diagnostics({ uris, synced: this.synced, clock, tell: (file) => this.#tell(file) })
  }

  get status(): LanguageStatus {
    return {
      server: this.server,
      state: this.#state,
      ...(this.#detail === undefined ? {} : { detail: this.#detail }),
    }
  }

  /** LSP's ServerCapabilities, while it is ready. */
  get capabilities(): ServerCapabilities | undefined {
    return this.#capabilities
  }

  /** Process id, for who must find it. */
  get pid(): number | undefined {
    return this.#session?.pid
  }

  /** A page listens: gets what there is now, then all that follows. Returns what ends it. */
  listen(listener: (message: LanguageMessage) => void): () => void {
    this.#listeners.add(listener)
    if (this.#capabilities) listener({ capabilities: this.#capabilities })
    for (const file of this.diagnostics.all()) listener(file)
    this.start()
    return () => {
      this.#listeners.delete(listener)
      this.#considerIdle()
    }
  }

  /** Starts it unless it runs, is about to, or has failed for good. */
  start(): void {
    if (this.#state === 'stopped' && !this.#closed) this.#begin(undefined)
  }

  /** Ends it, however it is, and starts it anew, also when it had failed. */
  restart(): void {
    this.#deaths = []
    this.#cancelRestart?.()
    const former = this.#session
    this.#forget()
    former?.end('It was restarted.')
    if (!this.#closed) this.#begin(undefined)
  }

  /** The running server, knowing all documents as they are now. Rejects with an RpcError that says why there is none. */
  async ready(): Promise<LanguageSession> {
    this.start()
    if (!this.#ready) throw new RpcError(RpcCode.requestFailed, this.#detail ?? 'The language server does not run.')
    const session = await this.#ready
    this.synced.flush()
    return session
  }

  /** Something else changed files; undefined: so many that it is better to begin anew. */
  filesChanged(changes: readonly TreeChange[] | undefined): void {
    this.#session?.filesChanged(changes)
    this.diagnostics.pullSoon()
  }

  close(): void {
    this.#closed = true
    this.#cancelRestart?.()
    this.#cancelIdle?.()
    const session = this.#session
    this.#forget()
    session?.end('The worker stops.')
    this.synced.close()
  }

  #begin(why: string | undefined): void {
    const { find, uris, clock, documents, python, server } = this.#options
    const start = find()
    if (typeof start === 'string') {
      this.#set('failed', start)
      return
    }
    this.#set('starting', why)
    const session: LanguageSession = new LanguageSession({
      server,
      start,
      uris,
      clock,
      python: python(),
      applyEdit: (edit) => applyFileEdits(documents, readWorkspaceEdit(edit, uris)),
      onDiagnostics: (params) => this.diagnostics.published(params),
      onRefresh: () => this.diagnostics.pullSoon(),
      onStale: () => {
        if (this.#session === session) this.restart()
      },
      onBusy: (title) => {
        if (this.#session === session && this.#state === 'ready') this.#set('ready', title)
      },
      onEnd: (reason) => this.#died(session, reason),
    })
    this.#session = session
    this.#ready = session.initialize().then((capabilities) => {
      if (this.#session === session) this.#begun(session, capabilities)
      return session
    })
    this.#ready.catch(() => session.end('It did not begin to work.'))
  }

  #begun(session: LanguageSession, capabilities: ServerCapabilities): void {
    this.#capabilities = capabilities
    this.#set('ready', undefined)
    this.synced.attach(session.notify)
    const asks = capabilities.diagnosticProvider !== undefined
    const pull = (uri: string) => session.request('textDocument/diagnostic', { textDocument: { uri } })
    this.diagnostics.attach(asks ? pull : undefined)
    this.#tell({ capabilities })
    this.#lookAtMemory(session)
    this.#considerIdle()
  }

  #died(session: LanguageSession, reason: string): void {
    if (this.#session !== session) return
    this.#forget()
    if (this.#closed) return
    const { clock } = this.#options
    const now = clock.now()
    this.#deaths = [...this.#deaths.filter((at) => now - at < DEATHS_WITHIN_MS), now]
    const said = `The server for ${serverTitles[this.server]} ended. ${reason}`
    if (this.#deaths.length >= MAX_DEATHS) {
      this.#set(
        'failed',
        `${said} That happened ${this.#deaths.length} times; restart it when you have mended the cause.`,
      )
      return
    }
    this.#set('starting', said)
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (2 * (this.#deaths.length - 1)))
    this.#ready = new Promise((resolve, reject) => {
      this.#cancelRestart = () => reject(new RpcError(RpcCode.requestFailed, said))
      const cancel = clock.after(pause, () => {
        this.#begin(said)
        if (this.#ready) this.#ready.then(resolve, reject)
        else reject(new RpcError(RpcCode.requestFailed, said))
      })
      const refuse = this.#cancelRestart
      this.#cancelRestart = () => {
        cancel()
        refuse()
      }
    })
    this.#ready.catch(() => undefined)
  }

  /** There is no server now. */
  #forget(): void {
    this.#session = undefined
    this.#ready = undefined
    this.#capabilities = undefined
    this.#cancelMemory?.()
    this.synced.detach()
    this.diagnostics.detach()
  }

  #touched(): void {
    this.#cancelIdle?.()
    this.#cancelIdle = undefined
    if (this.#listeners.size > 0) this.start()
    this.diagnostics?.pullSoon()
  }

  #considerIdle(): void {
    if (this.synced.count > 0 || this.#state !== 'ready' || this.#cancelIdle) return
    this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => {
      this.#cancelIdle = undefined
      if (this.synced.count > 0 || this.#state !== 'ready') return
      const session = this.#session
      this.#forget()
      session?.end('Nobody needs it.')
      this.#set('stopped', undefined)
    })
  }

  #lookAtMemory(session: LanguageSession): void {
    this.#cancelMemory = this.#options.clock.after(MEMORY_LOOK_MS, () => {
      const used = session.memory() ?? 0
      const most = MAX_MEMORY[this.server]
      if (used > most) session.end(`It took ${Math.round(used)} MiB of memory; ${most} are allowed.`)
      else this.#lookAtMemory(session)
    })
  }

  #tell(message: LanguageMessage): void {
    for (const listener of [...this.#listeners]) listener(message)
  }

  #set(state: LanguageServerState, detail: string | undefined): void {
    if (state === this.#state && detail === this.#detail) return
    this.#state = state
    this.#detail = detail
    this.#options.onStatus(this.status)
  }
}
