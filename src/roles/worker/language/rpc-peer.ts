import type { Clock } from '../../../core/clock.ts'

/** LSP's and JSON-RPC's codes for what did not work. */
export const RpcCode = { methodNotFound: -32601, internal: -32603, requestFailed: -32803, cancelled: -32800 } as const

export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export interface RpcPeerOptions {
  send: (message: object) => void
  clock: Clock
  /** Answers what the other side asks; what it throws is the answer's error. */
  onRequest: (method: string, params: unknown) => unknown
  onNotification: (method: string, params: unknown) => void
  /** Several requests in a row were not answered in time, and nothing else was said. */
  onSilence: () => void
}

const ANSWER_LIMIT_MS = 30_000
const MAX_SILENT = 3

interface Waiting {
  resolve: (result: unknown) => void
  reject: (error: RpcError) => void
  cancelTimer: () => void
}

/** JSON-RPC 2.0 as LSP uses it, one end of it. Malformed messages are passed over. */
export class RpcPeer {
  readonly #options: RpcPeerOptions
  readonly #waiting = new Map<number, Waiting>()
  #next = 1
  #silent = 0
  #ended: RpcError | undefined

  constructor(options: RpcPeerOptions) {
    this.#options = options
  }

  /** Rejects with an RpcError: the other side's, `cancelled` after `signal`, or that no answer came. */
  request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#options.clock.after(ANSWER_LIMIT_MS, () => this.#late(id, method))
      this.#waiting.set(id, { resolve, reject, cancelTimer })
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true })
      this.#options.send({ id, method, params })
      if (signal?.aborted) this.#cancel(id)
    })
  }

  notify(method: string, params: unknown): void {
    if (!this.#ended) this.#options.send({ method, params })
  }

  receive(message: object): void {
    this.#silent = 0
    const { id, method, params, result, error } = message as Record<string, unknown>
    if (typeof method === 'string') {
      if (typeof id === 'number' || typeof id === 'string') void this.#answer(id, method, params)
      else this.#options.onNotification(method, params)
    } else if (typeof id === 'number') {
      const waiting = this.#take(id)
      if (error === undefined || error === null) waiting?.resolve(result ?? null)
      else waiting?.reject(errorOf(error))
    }
  }

  /** Nothing more will come. */
  end(reason: string): void {
    this.#ended = new RpcError(RpcCode.requestFailed, reason)
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(this.#ended)
  }

  async #answer(id: number | string, method: string, params: unknown): Promise<void> {
    try {
      const result = await this.#options.onRequest(method, params)
      this.#options.send({ id, result: result ?? null })
    } catch (error) {
      const { code, message } = error instanceof RpcError ? error : new RpcError(RpcCode.internal, String(error))
      this.#options.send({ id, error: { code, message } })
    }
  }

  #cancel(id: number): void {
    const waiting = this.#take(id)
    if (!waiting) return
    this.notify('$/cancelRequest', { id })
    waiting.reject(new RpcError(RpcCode.cancelled, 'Nobody wants to know any more.'))
  }

  #late(id: number, method: string): void {
    this.#take(id)?.reject(new RpcError(RpcCode.requestFailed, 'The language server did not answer in time.'))
    this.notify('$/cancelRequest', { id })
    this.#silent++
    if (this.#silent >= MAX_SILENT || method === 'initialize') this.#options.onSilence()
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.cancelTimer()
    return waiting
  }
}

function errorOf(error: unknown): RpcError {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return new RpcError(
    typeof code === 'number' ? code : RpcCode.internal,
    typeof message === 'string' ? message.slice(0, 1_000) : 'The language server failed without a word.',
  )
}
