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
  /** Bytes of replies waiting for a slow reader before its queries wait too. */
  unsent: number
}

const standardLimits: ConnectionLimits = { connections: 1000, idleMs: 10_000, messages: 100_000, unsent: 256 * 1024 }

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
    if (this.#open.size >= this.#limits.connections) for (const oldest of this.#open.values().take(1)) oldest.destroy()
    this.#open.add(socket)
    let held: Buffer = Buffer.alloc(0)
    let left = this.#limits.messages
    const timer = setTimeout(() => socket.destroy(), this.#limits.idleMs)
    socket.on('data', (chunk: Buffer) => {
      const { replies, rest, count } = this.#answerAll(held.length > 0 ? Buffer.concat([held, chunk]) : chunk, left)
      held = rest
      left -= count
      if (count > 0) {
        timer.refresh()
        this.#open.delete(socket)
        this.#open.add(socket)
      }
      // One write for all: a packet for each answer would cost more than the answers.
      if (replies.length > 0) socket.write(Buffer.concat(replies))
      if (left <= 0) socket.end()
      else if (socket.writableLength > this.#limits.unsent) {
        socket.pause()
        socket.once('drain', () => socket.resume())
      }
    })
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

  #answerAll(bytes: Buffer, most: number): { replies: Buffer[]; rest: Buffer; count: number } {
    const replies: Buffer[] = []
    let at = 0
    let count = 0
    while (count < most && at + 2 <= bytes.length) {
      const end = at + 2 + bytes.readUInt16BE(at)
      if (end > bytes.length) break
      const reply = this.#respond(bytes.subarray(at + 2, end), 'tcp')
      if (reply) replies.push(lengthOf(reply), reply)
      at = end
      count++
    }
    return { replies, rest: bytes.subarray(at), count }
  }
}

function lengthOf(message: Buffer): Buffer {
  const prefix = Buffer.allocUnsafe(2)
  prefix.writeUInt16BE(message.length)
  return prefix
}
