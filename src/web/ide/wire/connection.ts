import type { Clock } from '../../../core/clock.ts'
import { fromProblem, OmegaError } from '../../../core/errors.ts'
import {
  type ControlMessage,
  decodeFrame,
  type EventName,
  type Events,
  encodeFrame,
  type Frame,
  type Operation,
  type Requests,
  Tag,
} from '../../../core/wire/frames.ts'
import { Store } from '../../shared/store.ts'
import { reconnectDelay } from './reconnect.ts'

/** The part of a WebSocket the connection uses; `open` is handed one that delivers ArrayBuffers. */
export interface SocketLike {
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
}

/**
 * connecting  a socket is being opened
 * connected   requests are answered; `latency` in milliseconds once a ping came back
 * waiting     the next try is at `retryAt` (of the clock)
 * signed-out  the worker does not know this browser any more; only a new sign-in helps
 */
export type ConnectionState =
  | { name: 'connecting'; attempt: number }
  | { name: 'connected'; latency?: number }
  | { name: 'waiting'; attempt: number; retryAt: number }
  | { name: 'signed-out' }

export interface ConnectionOptions {
  open: () => SocketLike
  clock: Clock
  random: () => number
  /** Asked when a socket could not be opened, since a WebSocket does not tell why: is the browser still signed in? */
  signedIn: () => Promise<boolean>
}

const PING_EVERY_MS = 5_000
/** The first ping comes while the page still draws, so its time says little; the second follows soon. */
const SECOND_PING_MS = 1_500
const PING_LIMIT_MS = 10_000
const OPEN_LIMIT_MS = 10_000
/** Bytes kept per channel for output that comes before the answer that names its channel. */
const EARLY_LIMIT_BYTES = 4 * 1024 * 1024

interface Waiting {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

/** The page's one connection: requests with answers, events, terminal channels; it comes back by itself. */
export class Connection {
  readonly state = new Store<ConnectionState>({ name: 'connecting', attempt: 0 })
  readonly #options: ConnectionOptions
  #socket: SocketLike | undefined
  #attempt = 0
  #nextId = 1
  #cancelTimer: (() => void) | undefined
  #pingSentAt: number | undefined
  #pings = 0
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<EventName, Set<(data: never) => void>>()
  readonly #channels = new Map<number, (bytes: Uint8Array) => void>()
  readonly #early = new Map<number, { chunks: Uint8Array[]; bytes: number }>()

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Opens the socket; from then on the connection keeps itself up. */
  start(): void {
    this.#timer(undefined)
    this.state.set({ name: 'connecting', attempt: this.#attempt })
    const socket = this.#options.open()
    this.#socket = socket
    let opened = false
    socket.onopen = () => {
      opened = true
      this.#attempt = 0
      this.state.set({ name: 'connected' })
      this.#ping()
    }
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket && data instanceof ArrayBuffer) this.#receive(new Uint8Array(data))
    }
    socket.onclose = () => this.#closed(socket, opened)
    this.#timer(OPEN_LIMIT_MS, () => this.#drop())
  }

  /** Tries at once instead of waiting; does nothing while connected. */
  retryNow(): void {
    if (this.state.get().name === 'waiting') this.start()
  }

  /** Asks for a sign of life now: after sleep a dead connection looks open for minutes. */
  check(): void {
    if (this.state.get().name === 'connected' && this.#pingSentAt === undefined) this.#ping()
    else this.retryNow()
  }

  /** Rejects with an OmegaError: the worker's problem, or UNREACHABLE while there is no connection. */
  request<O extends Operation>(op: O, params: Requests[O][0]): Promise<Requests[O][1]> {
    if (this.state.get().name !== 'connected') return Promise.reject(disconnected())
    const id = this.#nextId++
    return new Promise<Requests[O][1]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as Requests[O][1]), reject })
      this.#sendControl({ id, op, params })
    })
  }

  /** Returns what ends the subscription. */
  on<E extends EventName>(event: E, listener: (data: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Receives a channel's output, what came already included. Channels end with their connection. */
  receive(channel: number, listener: (bytes: Uint8Array) => void): void {
    this.#channels.set(channel, listener)
    const early = this.#early.get(channel)
    this.#early.delete(channel)
    for (const chunk of early?.chunks ?? []) listener(chunk)
  }

  release(channel: number): void {
    this.#channels.delete(channel)
  }

  input(channel: number, payload: Uint8Array): void {
    this.#send({ tag: Tag.input, channel, payload })
  }

  painted(channel: number, bytes: number): void {
    this.#send({ tag: Tag.painted, channel, bytes })
  }

  #send(frame: Frame): void {
    if (this.state.get().name !== 'connected') return
    this.#socket?.send(encodeFrame(frame) as Uint8Array<ArrayBuffer>)
  }

  #sendControl(message: ControlMessage): void {
    this.#send({ tag: Tag.control, payload: new TextEncoder().encode(JSON.stringify(message)) })
  }

  #receive(message: Uint8Array): void {
    const frame = decodeFrame(message)
    if (frame?.tag === Tag.output) {
      const listener = this.#channels.get(frame.channel)
      if (listener) listener(frame.payload)
      else this.#keepEarly(frame.channel, frame.payload)
    } else if (frame?.tag === Tag.control) {
      this.#receiveControl(JSON.parse(new TextDecoder().decode(frame.payload)) as ControlMessage)
    }
  }

  #receiveControl(message: ControlMessage): void {
    if ('event' in message) {
      for (const listener of this.#listeners.get(message.event) ?? []) listener(message.data as never)
    } else if ('re' in message) {
      const waiting = this.#waiting.get(message.re)
      this.#waiting.delete(message.re)
      if ('ok' in message) waiting?.resolve(message.ok)
      else waiting?.reject(fromProblem(message.problem) ?? new OmegaError('INTERNAL', message.problem.detail))
    }
  }

  #keepEarly(channel: number, chunk: Uint8Array): void {
    const early = this.#early.get(channel) ?? { chunks: [], bytes: 0 }
    this.#early.set(channel, early)
    early.bytes += chunk.length
    if (early.bytes <= EARLY_LIMIT_BYTES) early.chunks.push(chunk)
  }

  #ping(): void {
    const { clock } = this.#options
    const sentAt = clock.now()
    this.#pingSentAt = sentAt
    this.#timer(PING_LIMIT_MS, () => this.#drop())
    this.request('ping', {}).then(
      () => {
        this.#pingSentAt = undefined
        const first = this.#pings++ === 0
        if (!first) this.state.set({ name: 'connected', latency: clock.now() - sentAt })
        this.#timer(first ? SECOND_PING_MS : PING_EVERY_MS, () => this.#ping())
      },
      () => {},
    )
  }

  /** Gives a socket up that does not answer, without waiting for its closing handshake. */
  #drop(): void {
    const socket = this.#socket
    if (!socket) return
    socket.onclose = null
    socket.close()
    this.#closed(socket, true)
  }

  async #closed(socket: SocketLike, opened: boolean): Promise<void> {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#pingSentAt = undefined
    this.#channels.clear()
    this.#early.clear()
    const attempt = this.#attempt++
    const wait = opened && attempt === 0 ? 50 : reconnectDelay(attempt, this.#options.random())
    this.state.set({ name: 'waiting', attempt, retryAt: this.#options.clock.now() + wait })
    this.#timer(wait, () => this.start())
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(disconnected())
    if (!opened && !(await this.#options.signedIn())) {
      this.#timer(undefined)
      this.state.set({ name: 'signed-out' })
    }
  }

  /** The connection's only timer: what it waits for next. */
  #timer(ms: number | undefined, action?: () => void): void {
    this.#cancelTimer?.()
    this.#cancelTimer = ms === undefined || !action ? undefined : this.#options.clock.after(ms, action)
  }
}

function disconnected(): OmegaError {
  return new OmegaError('UNREACHABLE', 'The sandbox cannot be reached at the moment; omega keeps trying.')
}
