import type { ServerCapabilities } from 'vscode-languageserver-protocol'
import type { LanguageServer } from '../../../core/language-servers.ts'
import type { LanguageMessage, LanguageRequest, LanguageStatus } from '../../../core/wire/operations/language.ts'
import { Store } from '../../shared/store.ts'
import type { Connection } from '../wire/connection.ts'

/** LSP's codes: the answer would be about another text; nobody waits for it any more. */
const CONTENT_MODIFIED = -32801
const CANCELLED = -32800
/** How often is asked again while texts differ, and after how long. */
const MOST_TRIES = 6
const TRY_AGAIN_MS = 120
const ANSWER_LIMIT_MS = 35_000

/** A server's refusal; `isGone` when nobody waits for the answer. */
export class LanguageError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }

  get isGone(): boolean {
    return this.code === CANCELLED
  }
}

export interface RequestOptions {
  signal?: AbortSignal
  /** Texts the answer depends on, as they are when it is asked: `textHash` by URI. */
  texts?: () => Record<string, number>
}

interface Waiting {
  resolve: (result: unknown) => void
  reject: (error: LanguageError) => void
}

export interface FileReport {
  uri: string
  diagnostics: unknown[]
  hash?: number
}

export interface LinkListeners {
  onReport: (report: FileReport) => void
  onStatus: (status: LanguageStatus) => void
}

/** The page's line to one of the sandbox's language servers. Opened when first used, and again with each session. */
export class ServerLink {
  readonly server: LanguageServer
  /** What the server can do; undefined while it is not ready. */
  readonly capabilities = new Store<ServerCapabilities | undefined>(undefined)
  /** URI of the project's folder, once it is known. */
  root: string | undefined
  readonly #connection: Connection
  readonly #listeners: LinkListeners
  readonly #waiting = new Map<number, Waiting>()
  #channel: number | undefined
  #opening: Promise<void> | undefined
  #wanted = false
  #next = 1

  constructor(server: LanguageServer, connection: Connection, listeners: LinkListeners) {
    this.server = server
    this.#connection = connection
    this.#listeners = listeners
    connection.onSession(() => {
      this.#channel = undefined
      this.#opening = undefined
      this.capabilities.set(undefined)
      this.#rejectAll('The connection was lost. Try it again.')
      if (this.#wanted) this.open().catch(() => undefined)
    })
  }

  /** Resolves when requests can be made; starts the server. */
  open(): Promise<void> {
    this.#wanted = true
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /** The server is not ready any more. */
  stopped(): void {
    this.capabilities.set(undefined)
  }

  /** Rejects with a LanguageError, or the connection's problem. */
  async request<T>(method: string, params: object, { signal, texts }: RequestOptions = {}): Promise<T> {
    await this.open()
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#ask(method, params, texts?.(), signal)) as T
      } catch (error) {
        const mayPass = error instanceof LanguageError && error.code === CONTENT_MODIFIED && attempt < MOST_TRIES
        if (!mayPass || signal?.aborted) throw error
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS * attempt))
      }
    }
  }

  async #open(): Promise<void> {
    const { channel, root, ...status } = await this.#connection.request('language.open', { server: this.server })
    this.#channel = channel
    this.root = root
    this.#listeners.onStatus(status)
    this.#connection.receive(channel, (bytes) => {
      if (channel === this.#channel) this.#receive(JSON.parse(new TextDecoder().decode(bytes)) as LanguageMessage)
    })
  }

  #ask(method: string, params: object, texts: Record<string, number> | undefined, signal?: AbortSignal) {
    const id = this.#next++
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(new LanguageError(CANCELLED, 'Nobody waits for it.'))
      const give = (code: number, reason: string) => {
        if (!this.#waiting.has(id)) return
        this.#send({ cancel: id })
        this.#waiting.get(id)?.reject(new LanguageError(code, reason))
      }
      const abort = () => give(CANCELLED, 'Nobody waits for it.')
      const timer = setTimeout(() => give(0, 'The language server does not answer.'), ANSWER_LIMIT_MS)
      const settle = () => {
        this.#waiting.delete(id)
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort)
      this.#waiting.set(id, {
        resolve: (result) => {
          settle()
          resolve(result)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      })
      this.#send({ id, method, params, ...(texts === undefined ? {} : { texts }) })
    })
  }

  #send(request: LanguageRequest): void {
    if (this.#channel === undefined) return
    this.#connection.data(this.#channel, new TextEncoder().encode(JSON.stringify(request)))
  }

  #receive(message: LanguageMessage): void {
    if ('capabilities' in message) this.capabilities.set(message.capabilities as ServerCapabilities)
    else if ('diagnostics' in message) this.#listeners.onReport(message)
    else if ('result' in message) this.#waiting.get(message.id)?.resolve(message.result)
    else this.#waiting.get(message.id)?.reject(new LanguageError(message.error.code, message.error.message))
  }

  #rejectAll(reason: string): void {
    for (const { reject } of [...this.#waiting.values()]) reject(new LanguageError(0, reason))
  }
}
