const HEAD_END = Buffer.from('\r\n\r\n')
const MAX_HEAD_BYTES = 4096

/** Takes the messages of LSP's base protocol out of a stream of bytes: a head with Content-Length, then JSON. */
export class MessageReader {
  readonly #maxBytes: number
  readonly #onMessage: (message: object) => void
  #chunks: Buffer[] = []
  #buffered = 0
  /** Bytes of the body that is awaited; undefined while it is the head. */
  #awaited: number | undefined

  constructor(maxBytes: number, onMessage: (message: object) => void) {
    this.#maxBytes = maxBytes
    this.#onMessage = onMessage
  }

  /** Returns a sentence when the stream is none of messages: nothing can be made of what follows. */
  push(chunk: Buffer): string | undefined {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    for (;;) {
      if (this.#awaited === undefined) {
        const all = this.#joined()
        const at = all.indexOf(HEAD_END)
        if (at < 0) return all.length > MAX_HEAD_BYTES ? 'It wrote something else than messages.' : undefined
        const length = /(?:^|\r\n)content-length: *(\d{1,12})(?:\r\n|$)/i.exec(all.toString('latin1', 0, at))?.[1]
        if (at > MAX_HEAD_BYTES || length === undefined) return 'It wrote something else than messages.'
        if (Number(length) > this.#maxBytes)
          return `It wrote a message of ${length} bytes; ${this.#maxBytes} are allowed.`
        this.#keep(all.subarray(at + HEAD_END.length))
        this.#awaited = Number(length)
      }
      if (this.#buffered < this.#awaited) return undefined
      const all = this.#joined()
      const message = parse(all.subarray(0, this.#awaited))
      if (message === undefined) return 'It wrote a message that is no JSON object.'
      this.#keep(all.subarray(this.#awaited))
      this.#awaited = undefined
      this.#onMessage(message)
    }
  }

  #joined(): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }

  #keep(rest: Buffer): void {
    this.#chunks = [rest]
    this.#buffered = rest.length
  }
}

function parse(bytes: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
