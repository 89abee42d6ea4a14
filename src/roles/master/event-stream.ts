import { once } from 'node:events'
import type { FastifyReply } from 'fastify'

/** So often a line goes out, so that nobody in between takes the stream for dead. */
const HEARTBEAT_MS = 15_000

export interface StreamedEvent {
  /** `message` if absent. */
  event?: string
  /** What a client sends back as Last-Event-ID. */
  id?: string
  data: unknown
}

/** Server-sent events (HTML Living Standard, section 9.2) as the answer of a request; ends with its caller. */
export class EventStream {
  readonly #raw: FastifyReply['raw']
  readonly #gone = new AbortController()
  readonly #heartbeat: NodeJS.Timeout

  constructor(reply: FastifyReply) {
    reply.hijack()
    this.#raw = reply.raw
    this.#raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.#raw.flushHeaders()
    this.#heartbeat = setInterval(() => this.#write(':\n\n'), HEARTBEAT_MS)
    this.#raw.once('close', () => {
      clearInterval(this.#heartbeat)
      this.#gone.abort()
    })
  }

  /** Aborts when nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  send({ event, id, data }: StreamedEvent): void {
    const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`
    this.#write(`${head}data: ${JSON.stringify(data)}\n\n`)
  }

  /** Resolves when the reader has taken most of what was sent, or is gone. */
  async drained(): Promise<void> {
    if (!this.#raw.writableNeedDrain) return
    await once(this.#raw, 'drain', { signal: this.gone }).catch(() => {})
  }

  end(): void {
    this.#raw.end()
  }

  #write(text: string): void {
    if (!this.#raw.destroyed && !this.#raw.writableEnded) this.#raw.write(text)
  }
}
