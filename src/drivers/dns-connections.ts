import type { Socket } from 'node:net'

export type Transport = 'udp' | 'tcp'

/** Gives the reply to a message, or undefined to send none. Never throws. */
export type Respond = (message: Buffer, transport: Transport) => Buffer | undefined

export interface ConnectionLimits {
  /** Connections at once; one more ends the one that has been silent for longest (RFC 7766, 6.2.3). */
  connections: number
  /** Milliseconds without a whole message after which a connection ends, so that single bytes do not keep it. */
  idleMs: number
  /** Messages on one connection, after which it ends. */
  messages: number
  /** Bytes of replies written at once; what was asked beyond waits until the asker has read them. */
  burst: number
}

const standardLimits: ConnectionLimits = { connections: 1000, idleMs: 10_000, messages: 100_000, burst: 256 * 1024 }

/** DNS over TCP (RFC 7766): messages behind two bytes of length, as many as come, answered in order. */
export class DnsConnections {
  readonly #respond: Respond
  readonly #limits: ConnectionLimits
  /** The one silent for longest first. */
  readonly #open = new Set<Socket>()

  constructor(respond: Respond, limits: Partial<ConnectionLimits> = {}) {
    this.#respond = respond
    this.#limits = { ...standardLimits, ...limits }
  }

  get size(): number {
    return this.#open.size
  }

  add(socket: Socket): void {
    if (this.#open.size >= this.#limits.connections) this.#open.values().next().value?.destroy()
    this.#open.add(socket)
    const timer = setTimeout(() => socket.destroy(), this.#limits.idleMs)
    const connection = new Connection(socket, this.#respond, this.#limits, () => {
      timer.refresh()
      this.#open.delete(socket)
      this.#open.add(socket)
    })
    socket.on('data', (chunk) => connection.read(chunk))
    socket.on('end', () => socket.end())
    // Ends as any other: the asker went away.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      this.#open.delete(socket)
    })
  }

  closeAll(): void {
    for (const socket of this.#open) socket.destroy()
  }
}

class Connection {
  readonly #socket: Socket
  readonly #respond: Respond
  readonly #burst: number
  readonly #onProgress: () => void
  #held: Buffer = Buffer.alloc(0)
  #left: number

  constructor(socket: Socket, respond: Respond, limits: ConnectionLimits, onProgress: () => void) {
    this.#socket = socket
    this.#respond = respond
    this.#burst = limits.burst
    this.#left = limits.messages
    this.#onProgress = onProgress
  }

  read(chunk: Buffer): void {
    this.#held = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk
    this.#answerHeld()
  }

  #answerHeld(): void {
    for (;;) {
      const replies = this.#nextBurst()
      if (!replies) return
      this.#onProgress()
      // One write for all: a packet for each answer would cost more than the answers.
      const hasRoom = replies.length === 0 || this.#socket.write(Buffer.concat(replies))
      if (this.#left <= 0) {
        this.#socket.destroySoon()
        return
      }
      if (!hasRoom) {
        this.#socket.pause()
        this.#socket.once('drain', () => {
          this.#socket.resume()
          this.#answerHeld()
        })
        return
      }
    }
  }

  /** Replies to the whole messages held, up to a burst; undefined if there is none. */
  #nextBurst(): Buffer[] | undefined {
    const bytes = this.#held
    const replies: Buffer[] = []
    let at = 0
    for (let size = 0; size < this.#burst && this.#left > 0 && at + 2 <= bytes.length; this.#left--) {
      const end = at + 2 + bytes.readUInt16BE(at)
      if (end > bytes.length) break
      const reply = this.#respond(bytes.subarray(at + 2, end), 'tcp')
      if (reply) {
        replies.push(lengthOf(reply), reply)
        size += reply.length
      }
      at = end
    }
    this.#held = bytes.subarray(at)
    return at > 0 ? replies : undefined
  }
}

function lengthOf(message: Buffer): Buffer {
  const prefix = Buffer.allocUnsafe(2)
  prefix.writeUInt16BE(message.length)
  return prefix
}
