import type { ServerCapabilities } from 'vscode-languageserver-protocol'
import type { Clock } from '../../../core/clock.ts'
import type { LanguageServer } from '../../../core/language-servers.ts'
import type { TreeChange } from '../../../drivers/tree-watch.ts'
import { clientCapabilities } from './client-capabilities.ts'
import type { FileUris } from './file-uri.ts'
import { RpcCode, RpcError, RpcPeer } from './rpc-peer.ts'
import { settingsOf } from './server-settings.ts'

/** A server's process. drivers/language-server.ts starts one. */
export interface ServerProcess {
  readonly pid: number | undefined
  send(message: object): void
  memory(): number | undefined
  kill(): void
}

export type StartServer = (onMessage: (message: object) => void, onEnd: (reason: string) => void) => ServerProcess

export interface LanguageSessionOptions {
  server: LanguageServer
  start: StartServer
  uris: FileUris
  clock: Clock
  /** The project's own interpreter. */
  python: string | undefined
  applyEdit: (edit: unknown) => Promise<void>
  onDiagnostics: (params: unknown) => void
  /** What it found may be different now: ask again. */
  onRefresh: () => void
  /** More files have changed than it can be told of: it has to begin anew. */
  onStale: () => void
  /** What it is busy with; undefined when it is done. */
  onBusy: (title: string | undefined) => void
  onEnd: (reason: string) => void
}

/** LSP's FileChangeType. */
const fileChange = { created: 1, changed: 2, deleted: 3 } as const
/** Changes kept for a server that does not watch yet. */
const MOST_MISSED = 2_000

/** One life of a language server: from its start to its end, which is told once. */
export class LanguageSession {
  readonly #options: LanguageSessionOptions
  readonly #process: ServerProcess
  readonly #peer: RpcPeer
  readonly #busy = new Map<unknown, string>()
  #reason: string | undefined
  #watches = false
  /**
   * A server reads the project before it says that it wants to know of changes, and what changes in between it would never
   * know. Undefined: too many to keep.
   */
  #missed: TreeChange[] | undefined = []

  constructor(options: LanguageSessionOptions) {
    this.#options = options
    this.#process = options.start(
      (message) => this.#peer.receive(message),
      (reason) => {
        this.#peer.end('The language server has ended.')
        options.onEnd(this.#reason ?? reason)
      },
    )
    this.#peer = new RpcPeer({
      send: (message) => this.#process.send(message),
      clock: options.clock,
      onRequest: (method, params) => this.#requested(method, params),
      onNotification: (method, params) => this.#notified(method, params),
      onSilence: () => this.end('It did not answer any more.'),
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** LSP's handshake. Rejects when there is none; the end is told as well. */
  async initialize(): Promise<ServerCapabilities> {
    const { uris, server } = this.#options
    const answer = (await this.#peer.request('initialize', {
      processId: process.pid,
      clientInfo: { name: 'omega' },
      rootUri: uris.root,
      workspaceFolders: [{ uri: uris.root, name: 'project' }],
      capabilities: clientCapabilities(server),
      initializationOptions: {},
    })) as { capabilities?: ServerCapabilities } | null
    this.#peer.notify('initialized', {})
    return answer?.capabilities ?? {}
  }

  request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#peer.request(method, params, signal)
  }

  readonly notify = (method: string, params: unknown): void => {
    this.#peer.notify(method, params)
  }

  /** Tells of files that something else has changed, once it wants to know; undefined: so many that it must begin anew. */
  filesChanged(changes: readonly TreeChange[] | undefined): void {
    if (this.#watches) {
      if (changes) this.#tell(changes)
      else this.#options.onStale()
    } else if (!changes || !this.#missed || this.#missed.length + changes.length > MOST_MISSED) this.#missed = undefined
    else this.#missed.push(...changes)
  }

  memory(): number | undefined {
    return this.#process.memory()
  }

  /** Ends it; `reason` is what is told. */
  end(reason: string): void {
    this.#reason ??= reason
    this.#process.kill()
  }

  #watch(): void {
    const missed = this.#missed
    this.#watches = true
    this.#missed = []
    if (!missed) this.#options.onStale()
    else if (missed.length > 0) this.#tell(missed)
  }

  #tell(changes: readonly TreeChange[]): void {
    const { uris } = this.#options
    const events = changes.map(({ path, kind }) => ({ uri: uris.of(path), type: fileChange[kind] }))
    this.#peer.notify('workspace/didChangeWatchedFiles', { changes: events })
  }

  async #requested(method: string, params: unknown): Promise<unknown> {
    const { python, applyEdit, onRefresh } = this.#options
    if (method === 'workspace/configuration') {
      const { items } = (params ?? {}) as { items?: unknown }
      return Array.isArray(items)
        ? items.map((item) => settingsOf((item as { section?: string })?.section, python))
        : []
    }
    if (method === 'client/registerCapability') {
      const { registrations } = (params ?? {}) as { registrations?: { method?: unknown }[] }
      const asked = Array.isArray(registrations) ? registrations.map((one) => one?.method) : []
      if (asked.includes('workspace/didChangeWatchedFiles') && !this.#watches) this.#watch()
      return null
    }
    if (method === 'workspace/applyEdit') {
      try {
        await applyEdit((params as { edit?: unknown })?.edit)
        return { applied: true }
      } catch (error) {
        return { applied: false, failureReason: error instanceof Error ? error.message : String(error) }
      }
    }
    if (method === 'workspace/diagnostic/refresh') onRefresh()
    if (/^(?:client\/unregisterCapability|window\/workDoneProgress\/create|workspace\/\w+\/refresh)$/.test(method)) {
      return null
    }
    if (method === 'workspace/workspaceFolders') return [{ uri: this.#options.uris.root, name: 'project' }]
    if (method === 'window/showMessageRequest') return null
    throw new RpcError(RpcCode.methodNotFound, `omega knows no ${method}.`)
  }

  #notified(method: string, params: unknown): void {
    if (method === 'textDocument/publishDiagnostics') this.#options.onDiagnostics(params)
    if (method !== '$/progress') return
    const { token, value } = (params ?? {}) as { token?: unknown; value?: Record<string, unknown> }
    if (typeof value !== 'object' || value === null) return
    if (value.kind === 'end') this.#busy.delete(token)
    else {
      const title = [value.title, value.message].filter((part) => typeof part === 'string').join(' ')
      if (title !== '') this.#busy.set(token, title.slice(0, 200))
    }
    this.#options.onBusy([...this.#busy.values()].at(-1))
  }
}
