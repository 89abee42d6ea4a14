import type { Clock } from '../clock.ts'
import { encodeMessage, type Frame, type NumberedFrame, Tag } from './frames.ts'

/** An acknowledgement waits this long for company, and no longer than for so many frames or bytes. */
const ACK_AFTER_MS = 100
const ACK_AFTER_FRAMES = 64
const ACK_AFTER_BYTES = 128 * 1024

export interface SessionOptions {
  clock: Clock
  /** Takes each frame of the other end, once and in order. */
  deliver: (frame: Frame) => void
  /** The other end has these frames of ours. */
  acknowledged?: () => void
}

type Transmit = (message: Uint8Array<ArrayBuffer>) => void

/**
 * One end of a session: frames are numbered from 1, kept until the other end has acknowledged them, and sent again on
 * the next connection. So each is delivered exactly once and in order, however often the connection between the two ends
 * is cut, as long as both ends live. Both ends are alike.
 */
export class SessionEnd {
  readonly #options: SessionOptions
  readonly #kept: Uint8Array<ArrayBuffer>[] = []
  #keptBytes = 0
  #sent = 0
  #received = 0
  /** What the other end was last told of `received`. */
  #told = 0
  #untoldBytes = 0
  #transmit: Transmit | undefined
  #cancelAck: (() => void) | undefined

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** How many frames of the other end have been delivered. */
  get received(): number {
    return this.#received
  }

  /** Bytes of frames sent that the other end may not have yet. */
  get unacknowledgedBytes(): number {
    return this.#keptBytes
  }

  get unacknowledged(): number {
    return this.#kept.length
  }

  /** Now, or when there is a connection again. */
  send(frame: Frame): void {
    const message = encodeMessage({ ...frame, number: ++this.#sent })
    this.#kept.push(message)
    this.#keptBytes += message.length
    this.#transmit?.(message)
  }

  /**
   * Goes on over a new connection, whose other end has received `received` of our frames: the later ones are sent again.
   * False when the two ends do not belong together, and nothing was done.
   */
  resume(transmit: Transmit, received: number): boolean {
    if (!this.#isPossible(received)) return false
    this.#forget(received)
    this.#transmit = transmit
    // The opening told the other end what we have.
    this.#told = this.#received
    this.#untoldBytes = 0
    for (const message of this.#kept) transmit(message)
    return true
  }

  /** The connection is gone; what is sent now waits for the next. */
  suspend(): void {
    this.#transmit = undefined
    this.#cancelAck?.()
    this.#cancelAck = undefined
  }

  /** Takes a frame of the present connection. False when one before it is missing: the connection is no good. */
  receive(message: NumberedFrame, bytes: number): boolean {
    if (message.number <= this.#received) return true
    if (message.number !== this.#received + 1) return false
    this.#received = message.number
    this.#untoldBytes += bytes
    const { number: _, ...frame } = message
    this.#options.deliver(frame)
    if (this.#received - this.#told >= ACK_AFTER_FRAMES || this.#untoldBytes >= ACK_AFTER_BYTES) this.#acknowledge()
    else this.#cancelAck ??= this.#options.clock.after(ACK_AFTER_MS, () => this.#acknowledge())
    return true
  }

  /** The other end has all up to `received`. False for a number that cannot be. */
  acknowledge(received: number): boolean {
    if (!this.#isPossible(received)) return false
    this.#forget(received)
    return true
  }

  #isPossible(received: number): boolean {
    return Number.isInteger(received) && received <= this.#sent && received >= this.#sent - this.#kept.length
  }

  #forget(received: number): void {
    const gone = this.#kept.splice(0, this.#kept.length - (this.#sent - received))
    for (const message of gone) this.#keptBytes -= message.length
    if (gone.length > 0) this.#options.acknowledged?.()
  }

  #acknowledge(): void {
    this.#cancelAck?.()
    this.#cancelAck = undefined
    if (!this.#transmit) return
    this.#told = this.#received
    this.#untoldBytes = 0
    this.#transmit(encodeMessage({ tag: Tag.ack, received: this.#received }))
  }
}
