import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import type { Clock } from '../../src/core/clock.ts'
import type { SocketLike } from '../../src/web/ide/wire/connection-options.ts'

/** Milliseconds between the two ends of a network in memory. */
export type Delay = () => number

/**
 * One WebSocket with both its ends: bytes take their time and keep their order. Each end may be cut apart from the other,
 * so that one of them still believes in it.
 */
export class Wire {
  readonly page: PageEnd
  readonly worker: WorkerEnd
  readonly #clock: Clock
  readonly #delay: Delay
  /** Bytes do not get through any more; nobody may have noticed. */
  #broken = false
  readonly #arrivals: [number, number] = [0, 0]

  constructor(clock: Clock, delay: Delay) {
    this.#clock = clock
    this.#delay = delay
    this.page = new PageEnd(this)
    this.worker = new WorkerEnd(this)
  }

  /** Calls `arrive` at the other end, after all that was sent before. */
  carry(direction: 0 | 1, arrive: () => void): void {
    const at = Math.max(this.#arrivals[direction], this.#clock.now() + this.#delay())
    this.#arrivals[direction] = at
    this.#clock.after(at - this.#clock.now(), () => {
      if (!this.#broken) arrive()
    })
  }

  /** Nothing gets through any more, and only the page is told (by its own means, or not at all). */
  break(): void {
    this.#broken = true
  }

  /** Both ends are told. */
  cut(): void {
    this.#broken = true
    this.page.lost()
    this.worker.lost()
  }
}

/** What the page's Connection is handed. */
class PageEnd implements SocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason?: string }) => void) | null = null
  readonly #wire: Wire
  #closed = false

  constructor(wire: Wire) {
    this.#wire = wire
  }

  get isClosed(): boolean {
    return this.#closed
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return
    const copy = Buffer.from(data)
    this.#wire.carry(0, () => this.#wire.worker.emit('message', copy, true))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#wire.carry(0, () => this.#wire.worker.lost())
  }

  lost(code = 1006, reason = ''): void {
    if (this.#closed) return
    this.#closed = true
    this.onclose?.({ code, reason })
  }
}

/** What the worker's Pages take for one of ws's sockets: as much of it as they use. */
class WorkerEnd extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  binaryType = 'nodebuffer'
  readonly #wire: Wire

  constructor(wire: Wire) {
    super()
    this.#wire = wire
  }

  get socket(): WebSocket {
    return this as unknown as WebSocket
  }

  send(data: Uint8Array): void {
    if (this.readyState !== this.OPEN) return
    const copy = Uint8Array.from(data).buffer
    this.#wire.carry(1, () => this.#wire.page.onmessage?.({ data: copy }))
  }

  ping(): void {
    this.#wire.carry(1, () => this.#wire.carry(0, () => this.emit('pong')))
  }

  close(code?: number, reason?: string): void {
    this.#wire.carry(1, () => this.#wire.page.lost(code, reason))
    this.lost()
  }

  terminate(): void {
    this.close()
  }

  lost(): void {
    if (this.readyState !== this.OPEN) return
    this.readyState = 3
    this.emit('close')
  }
}
