import { fromProblem, OmegaError } from '../../../core/errors.ts'
import type { Rest } from '../../../core/wire/activity.ts'
import {
  ACCESS_ENDED,
  decodeMessage,
  encodeMessage,
  type Frame,
  isNumbered,
  type Opening,
  SANDBOX_ASLEEP,
  Tag,
  type Welcome,
} from '../../../core/wire/frames.ts'
import type { ControlMessage, EventName, Events, Operation, Params, Results } from '../../../core/wire/operations.ts'
import { SessionEnd } from '../../../core/wire/session.ts'
import { Store } from '../../shared/store.ts'
import type { ConnectionOptions, SocketLike } from './connection-options.ts'
import type { ConnectionState } from './connection-state.ts'
import { reconnectDelay } from './reconnect.ts'

const PING_EVERY_MS = 5_000
/** The first ping comes while the page still draws, so its time says little; the second follows soon. */
const SECOND_PING_MS = 1_500
const PING_LIMIT_MS = 10_000
/** So long after a person wanted the sandbox the page may wake it; what it tries later, it tries by itself. */
const WAKE_FOR_MS = 60_000
const OPEN_LIMIT_MS = 10_000
/** A request made this soon after a cut waits for the next connection; later ones are refused, since nobody waits for them. */
const PATIENCE_MS = 10_000
/** What waits to be sent while there is no connection; above it the session is given up and the next one begins anew. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024
/** Bytes kept per channel that came before the answer that names the channel. */
const EARLY_LIMIT_BYTES = 4 * 1024 * 1024

interface Waiting {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

type Receive = (bytes: Uint8Array) => void

/**
 * The page's one connection: requests with answers, events, channels. It comes back by itself, and what was under way
 * goes on: a session outlives its sockets. When the worker does not know the session any more, all that depends on it
 * ends, and `onSession` is told of the new one.
 */
export class Connection {
  readonly state = new Store<ConnectionState>({ name: 'connecting', attempt: 0 })
  readonly #options: ConnectionOptions
  #socket: SocketLike | undefined
  #end: SessionEnd | undefined
  /** As the worker calls it; undefined until it has said so. */
  #session: string | undefined
  #cutAt: number | undefined
  #attempt = 0
  #wokenAt: number | undefined
  #waking: Rest | undefined
  #nextId = 1
  #cancelTimer: (() => void) | undefined
  #pingSentAt: number | undefined
  #pings = 0
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<EventName, Set<(data: never) => void>>()
  readonly #sessionListeners = new Set<() => void>()
  readonly #channels = new Map<number, Receive>()
  readonly #early = new Map<number, { chunks: Uint8Array[]; bytes: number }>()

  constructor(options: ConnectionOptions) {
    this.#options = options
    // It was loaded by a person.
    this.#wokenAt = options.clock.now()
  }

  /** Opens the socket; from then on the connection keeps itself up. */
  start(): void {
    this.#timer(undefined)
    this.state.set({ name: 'connecting', attempt: this.#attempt, ...this.#isWaking })
    const { clock, open } = this.#options
    const socket = open(this.#wokenAt !== undefined && clock.now() - this.#wokenAt < WAKE_FOR_MS)
    this.#socket = socket
    let opened = false
    socket.onopen = () => {
      opened = true
      this.#open(socket)
    }
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket && data instanceof ArrayBuffer) this.#receive(new Uint8Array(data), socket)
    }
    socket.onclose = ({ code, reason }) => {
      if (code === ACCESS_ENDED && this.#socket === socket) this.#accessEnded(reason === 'revoked' ? 'revoked' : 'over')
      else if (code === SANDBOX_ASLEEP) this.#fellAsleep(socket, reason === 'stopped' ? 'stopped' : 'asleep')
      else void this.#closed(socket, opened)
    }
    this.#timer(OPEN_LIMIT_MS, () => this.#drop())
  }

  /** Tries at once instead of waiting; does nothing while connected. */
  retryNow(): void {
    if (this.state.get().name === 'waiting') this.start()
  }

  /** A person wants the sandbox. Does nothing unless it sleeps. What is asked for from now on waits for it. */
  wake(): void {
    const state = this.state.get()
    if (state.name !== 'asleep') return
    this.#waking = state.rest
    this.#wokenAt = this.#cutAt = this.#options.clock.now()
    this.#attempt = 0
    this.start()
  }

  /** Asks for a sign of life now: after sleep a dead connection looks open for minutes. */
  check(): void {
    if (this.state.get().name === 'connected' && this.#pingSentAt === undefined) this.#ping()
    else this.retryNow()
  }

  /** Listens to the beginning of each session, the first one included. */
  onSession(listener: () => void): void {
    this.#sessionListeners.add(listener)
  }

  /**
   * Rejects with an OmegaError: the worker's problem; UNREACHABLE while there has been no connection for a while, and
   * when the session ended before the answer came, so that it is unknown whether it was done.
   */
  request<O extends Operation>(op: O, params: Params<O>): Promise<Results[O]> {
    const end = this.#end
    if (!end || this.#isGivenUp()) return Promise.reject(disconnected())
    const id = this.#nextId++
    return new Promise<Results[O]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as Results[O]), reject })
      const message: ControlMessage = { id, op, params }
      end.send({ tag: Tag.control, payload: new TextEncoder().encode(JSON.stringify(message)) })
    })
  }

  /** How much of what was sent the worker has not acknowledged: it may not have it. */
  get unacknowledged(): number {
    return this.#end?.unacknowledged ?? 0
  }

  /** Returns what ends the subscription. */
  on<E extends EventName>(event: E, listener: (data: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Receives a channel's data, what came already included. Channels end with their session. */
  receive(channel: number, listener: Receive): void {
    this.#channels.set(channel, listener)
    const early = this.#early.get(channel)
    this.#early.delete(channel)
    for (const chunk of early?.chunks ?? []) listener(chunk)
  }

  release(channel: number): void {
    this.#channels.delete(channel)
    this.#early.delete(channel)
  }

  data(channel: number, payload: Uint8Array): void {
    this.#send({ tag: Tag.data, channel, payload })
  }

  painted(channel: number, bytes: number): void {
    this.#send({ tag: Tag.painted, channel, bytes })
  }

  #isGivenUp(): boolean {
    return this.#cutAt !== undefined && this.#options.clock.now() - this.#cutAt > PATIENCE_MS
  }

  #send(frame: Frame): void {
    const end = this.#end
    if (!end) return
    end.send(frame)
    if (end.unacknowledgedBytes > MAX_UNSENT_BYTES && this.#cutAt !== undefined) this.#endSession()
  }

  #open(socket: SocketLike): void {
    const opening: Opening =
      this.#end && this.#session !== undefined
        ? { session: this.#session, received: this.#end.received }
        : { received: 0 }
    socket.send(encodeMessage({ tag: Tag.open, payload: new TextEncoder().encode(JSON.stringify(opening)) }))
    // A new session needs no answer to begin with.
    if (opening.session === undefined) this.#beginSession(socket)
  }

  #beginSession(socket: SocketLike): void {
    this.#endSession()
    this.#end = new SessionEnd({ clock: this.#options.clock, deliver: (frame) => this.#deliver(frame) })
    this.#connected(socket, 0)
    for (const listener of [...this.#sessionListeners]) listener()
  }

  /** Nothing of the old session comes any more. */
  #endSession(): void {
    this.#end = undefined
    this.#session = undefined
    this.#channels.clear()
    this.#early.clear()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(disconnected())
  }

  #connected(socket: SocketLike, received: number): boolean {
    const resumed = this.#end?.resume((message) => socket.send(message), received) === true
    if (!resumed) return false
    this.#attempt = 0
    this.#cutAt = this.#wokenAt = this.#waking = undefined
    this.state.set({ name: 'connected' })
    this.#ping()
    return true
  }

  #receive(bytes: Uint8Array, socket: SocketLike): void {
    const message = decodeMessage(bytes)
    if (message === undefined) return
    if (isNumbered(message)) {
      if (this.#end?.receive(message, bytes.length) !== true) this.#drop()
    } else if (message.tag === Tag.ack) this.#end?.acknowledge(message.received)
    else if (message.tag === Tag.pong) this.#ponged()
    else if (message.tag === Tag.welcome) {
      this.#welcomed(JSON.parse(new TextDecoder().decode(message.payload)) as Welcome, socket)
    }
  }

  #welcomed({ session, resumed, received }: Welcome, socket: SocketLike): void {
    const asked = this.#session !== undefined
    if (asked && (!resumed || !this.#connected(socket, received))) this.#beginSession(socket)
    this.#session = session
  }

  #deliver(frame: Frame): void {
    if (frame.tag === Tag.data) {
      const listener = this.#channels.get(frame.channel)
      if (listener) listener(frame.payload)
      else this.#keepEarly(frame.channel, frame.payload)
    } else if (frame.tag === Tag.control) {
      this.#control(JSON.parse(new TextDecoder().decode(frame.payload)) as ControlMessage)
    }
  }

  #control(message: ControlMessage): void {
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
    this.#pingSentAt = this.#options.clock.now()
    this.#timer(PING_LIMIT_MS, () => this.#drop())
    this.#socket?.send(encodeMessage({ tag: Tag.ping, payload: new Uint8Array() }))
  }

  #ponged(): void {
    if (this.#pingSentAt === undefined) return
    const latency = this.#options.clock.now() - this.#pingSentAt
    const first = this.#pings++ === 0
    this.#pingSentAt = undefined
    if (!first) this.state.set({ name: 'connected', latency })
    this.#timer(first ? SECOND_PING_MS : PING_EVERY_MS, () => this.#ping())
  }

  /** Gives a socket up that does not answer, without waiting for its closing handshake. */
  #drop(): void {
    const socket = this.#socket
    if (!socket) return
    socket.onclose = null
    socket.close()
    void this.#closed(socket, true)
  }

  /** Who may not be here any more is not let in again by trying. */
  #accessEnded(why?: 'revoked' | 'over'): void {
    this.#socket = undefined
    this.#endSession()
    this.#timer(undefined)
    this.state.set({ name: 'ended', ...(why === undefined ? {} : { why }) })
  }

  /** What is not delivered waits in the session until somebody wakes the sandbox. */
  #fellAsleep(socket: SocketLike, rest: Rest): void {
    if (this.#socket !== socket) return
    this.#socket = this.#pingSentAt = this.#wokenAt = this.#waking = undefined
    this.#end?.suspend()
    if (this.#session === undefined) this.#endSession()
    this.#cutAt ??= this.#options.clock.now()
    this.#timer(undefined)
    this.state.set({ name: 'asleep', rest })
  }

  get #isWaking(): { waking?: Rest } {
    return this.#waking === undefined ? {} : { waking: this.#waking }
  }

  async #closed(socket: SocketLike, opened: boolean): Promise<void> {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#pingSentAt = undefined
    this.#end?.suspend()
    // Without its name nobody can go on with it.
    if (this.#session === undefined) this.#endSession()
    const { clock, random, signedIn } = this.#options
    const now = clock.now()
    this.#cutAt ??= now
    const attempt = this.#attempt++
    const wait = opened && attempt === 0 ? 50 : reconnectDelay(now - this.#cutAt, random())
    this.state.set({ name: 'waiting', attempt, retryAt: now + wait, ...this.#isWaking })
    this.#timer(wait, () => this.start())
    const known = opened || (await signedIn())
    if (known === 'ended') this.#accessEnded()
    else if (!known) {
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
