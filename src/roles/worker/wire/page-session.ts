import type { WebSocket } from 'ws'
import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { decodeMessage, type Frame, type Message, Tag } from '../../../core/wire/frames.ts'
import type { ControlMessage, EventName, Events } from '../../../core/wire/operations.ts'
import { SessionEnd } from '../../../core/wire/session.ts'
import { asOmegaError } from '../../../drivers/web-app.ts'
import type { Guest } from '../admission/visitor.ts'
import type { Services } from '../services.ts'
import { parseRequest, perform } from './operations.ts'
import type { Belonging, Channel, Page } from './page.ts'

/** Requests under way at once. */
const MAX_UNDER_WAY = 64
const MAX_CHANNELS = 256
/** It is a u16. */
const MAX_CHANNEL_NUMBER = 0xffff
/** Answers a page does not fetch; above it new requests are refused. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024
/** What waits for a page that is away or too slow; above it the session ends, and the page begins a new one. */
const MAX_UNACKNOWLEDGED_BYTES = 32 * 1024 * 1024

export interface SessionLog {
  error(facts: object, message: string): void
}

export interface PageSessionOptions {
  id: string
  guest: Guest
  services: Services
  clock: Clock
  log: SessionLog
  /** It must not go on: what it says is wrong, or it does not listen. */
  onBroken: (reason: string) => void
}

/**
 * A page's session: outlives its connections, knows its channels and what belongs to it, and answers its requests.
 * Whatever the page sends, the worst that happens is that this session ends.
 */
export class PageSession implements Page {
  readonly id: string
  readonly guest: Guest
  readonly #options: PageSessionOptions
  readonly #end: SessionEnd
  readonly #channels = new Map<number, Channel>()
  #lastChannel = 0
  readonly #belongings = new Map<unknown, Belonging>()
  #socket: WebSocket | undefined
  #underWay = 0
  #closed = false

  constructor(options: PageSessionOptions) {
    this.id = options.id
    this.guest = options.guest
    this.#options = options
    this.#end = new SessionEnd({ clock: options.clock, deliver: (frame) => this.#receive(frame) })
  }

  get mayChange(): boolean {
    return this.guest.access === 'edit'
  }

  get received(): number {
    return this.#end.received
  }

  get socket(): WebSocket | undefined {
    return this.#socket
  }

  /** Goes on over this socket. False when the page's number of received frames cannot be; `greet` comes before all else. */
  resume(socket: WebSocket, received: number, greet: () => void): boolean {
    const transmit = (bytes: Uint8Array) => {
      if (socket.readyState === socket.OPEN) socket.send(bytes, { compress: this.#mayCompress(bytes) })
    }
    let greeted = false
    const resumed = this.#end.resume((bytes) => {
      if (!greeted) greet()
      greeted = true
      transmit(bytes)
    }, received)
    if (!resumed) return false
    if (!greeted) greet()
    greeted = true
    this.#socket = socket
    this.#tellConnected(true)
    return true
  }

  /** The socket is gone; does nothing if it is not the present one. */
  suspend(socket: WebSocket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#end.suspend()
    this.#tellConnected(false)
  }

  /** Takes a message of the present connection; false when it is wrong. */
  take(message: Message, bytes: number): boolean {
    if (message.tag === Tag.ack) return this.#end.acknowledge(message.received)
    if (message.tag === Tag.control || message.tag === Tag.data || message.tag === Tag.painted) {
      return this.#end.receive(message, bytes)
    }
    return false
  }

  tell<E extends EventName>(event: E, data: Events[E]): void {
    this.#control({ event, data })
  }

  open<C extends Channel>(make: (channel: number) => C): C {
    if (this.#channels.size >= MAX_CHANNELS) {
      throw new OmegaError(
        'TOO_MANY_REQUESTS',
        `This page has ${MAX_CHANNELS} channels. Close some files or terminals.`,
      )
    }
    // What is still on its way of a channel that has ended must not be taken for another's.
    do this.#lastChannel = (this.#lastChannel % MAX_CHANNEL_NUMBER) + 1
    while (this.#channels.has(this.#lastChannel))
    const number = this.#lastChannel
    const channel = make(number)
    this.#channels.set(number, channel)
    return channel
  }

  channel<C extends Channel>(number: number, kind: new (...args: never[]) => C): C {
    const found = this.#channels.get(number)
    if (found instanceof kind) return found
    throw new OmegaError('NOT_FOUND', `There is no such channel ${number} in this session. Open it again.`)
  }

  channels<C extends Channel>(kind: new (...args: never[]) => C): C[] {
    return [...this.#channels.values()].filter((channel): channel is C => channel instanceof kind)
  }

  end(channel: Channel): void {
    for (const [number, other] of this.#channels) {
      if (other !== channel) continue
      this.#channels.delete(number)
      channel.close()
    }
  }

  data(channel: number, payload: Uint8Array): void {
    this.#send({ tag: Tag.data, channel, payload })
  }

  belonging<T extends Belonging>(kind: new (page: Page) => T): T {
    const known = this.#belongings.get(kind)
    if (known) return known as T
    const made = new kind(this)
    this.#belongings.set(kind, made)
    return made
  }

  /** Ends all that belongs to it. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#end.suspend()
    for (const channel of [...this.#channels.values()]) this.end(channel)
    for (const belonging of this.#belongings.values()) belonging.close()
  }

  #tellConnected(is: boolean): void {
    for (const one of [...this.#channels.values(), ...this.#belongings.values()]) one.connected?.(is)
  }

  #receive(frame: Frame): void {
    if (this.#closed) return
    if (frame.tag === Tag.control) this.#request(frame.payload)
    // A channel just closed may still be sent to; that is late, not wrong.
    else this.#channels.get(frame.channel)?.receive(frame)
  }

  #request(payload: Uint8Array): void {
    const request = parseRequest(decodeJson(payload))
    if (request) void this.#answer(request.id, request.op, request.params)
    else this.#options.onBroken('a control frame holds a JSON request {id, op, params}')
  }

  async #answer(re: number, op: string, params: unknown): Promise<void> {
    const { services, log } = this.#options
    const behind: (() => void)[] = []
    this.#underWay++
    try {
      if (this.#underWay > MAX_UNDER_WAY || this.#end.unacknowledgedBytes > MAX_UNSENT_BYTES) {
        throw new OmegaError('TOO_MANY_REQUESTS', 'Too many requests are under way. Wait for their answers.')
      }
      const after = (action: () => void) => void behind.push(action)
      const ok = await perform(op, params, this.mayChange, { page: this, services, after })
      this.#control({ re, ok })
      for (const action of behind) action()
    } catch (error) {
      const { code, message } = asOmegaError(error)
      if (code === 'INTERNAL') log.error({ err: error, op }, 'an operation failed')
      this.#control({ re, problem: { code, detail: message } })
    } finally {
      this.#underWay--
    }
  }

  #mayCompress(bytes: Uint8Array): boolean {
    const message = decodeMessage(bytes)
    return message?.tag !== Tag.data || !this.#channels.get(message.channel)?.uncompressed
  }

  #control(message: ControlMessage): void {
    this.#send({ tag: Tag.control, payload: Buffer.from(JSON.stringify(message)) })
  }

  #send(frame: Frame): void {
    if (this.#closed) return
    this.#end.send(frame)
    if (this.#end.unacknowledgedBytes > MAX_UNACKNOWLEDGED_BYTES) this.#options.onBroken('the page does not listen')
  }
}

/** Undefined when it is no JSON. */
export function decodeJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    return undefined
  }
}
