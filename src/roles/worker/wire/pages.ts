import { randomBytes } from 'node:crypto'
import { Value } from 'typebox/value'
import type { WebSocket } from 'ws'
import type { Clock } from '../../../core/clock.ts'
import type { Rest } from '../../../core/wire/activity.ts'
import {
  ACCESS_ENDED,
  decodeMessage,
  encodeMessage,
  type Opening,
  SANDBOX_ASLEEP,
  Tag,
  type Welcome,
} from '../../../core/wire/frames.ts'
import { OpeningSchema } from '../../../core/wire/operation-params.ts'
import type { EventName, Events } from '../../../core/wire/operations.ts'
import type { Guest } from '../admission/visitor.ts'
import type { Services } from '../services.ts'
import { decodeJson, PageSession, type SessionLog } from './page-session.ts'

/** RFC 6455 7.4.1. */
const CloseCode = {
  goingAway: 1001,
  unsupportedData: 1003,
  invalidPayload: 1007,
  serviceRestart: 1012,
  tryAgainLater: 1013,
} as const

/** Pages at once, those included that are away for a moment. */
const MAX_PAGES = 64
/** Of them, those that came by links: guests shut nobody out who is at home here. */
const MAX_GUEST_PAGES = 48
/** For the first message of a connection. */
const OPENING_MS = 10_000
/** The worker keeps the time, since browsers slow the timers of hidden pages; a page silent twice is gone. */
const HEARTBEAT_MS = 10_000
/** How long a session waits for its page. After that the page begins a new one, and all it showed is asked for again. */
const AWAY_MS = 3 * 60_000
/** The same for a page that has said goodbye: it was closed, reloaded or put away by its browser. */
const GONE_MS = 10_000
/** For pages to take their leave before the sandbox sleeps. */
const GOODNIGHT_MS = 1_000

export interface PagesOptions {
  services: Services
  clock: Clock
  log: SessionLog
  /** Called when the first page comes and when the last has gone, or all are told that the sandbox sleeps. */
  onUse: (used: boolean) => void
}

/** All pages of the sandbox: brings each new connection to its session. */
export class Pages {
  readonly #options: PagesOptions
  readonly #sessions = new Map<string, PageSession>()
  readonly #away = new Map<string, () => void>()
  readonly #sockets = new Map<WebSocket, Guest>()
  /** No connection has come since all were told so; sessions wait without end. */
  #asleep = false

  constructor(options: PagesOptions) {
    this.#options = options
  }

  tell<E extends EventName>(event: E, data: Events[E]): void {
    for (const session of this.#sessions.values()) session.tell(event, data)
  }

  /** Each page's session, connected or not. */
  all(): readonly PageSession[] {
    return [...this.#sessions.values()]
  }

  /** How many pages are open by a link. */
  by(share: string): number {
    return this.all().filter(({ guest }) => guest.share === share).length
  }

  /** A link has ended: so do the pages that came by it. */
  endShare(share: string, why: 'revoked' | 'over'): void {
    for (const session of this.all()) if (session.guest.share === share) this.#end(session)
    for (const [socket, guest] of this.#sockets) if (guest.share === share) socket.close(ACCESS_ENDED, why)
  }

  /** A browser has connected. */
  accept(socket: WebSocket, guest: Guest): void {
    this.#awake()
    let session: PageSession | undefined
    this.#sockets.set(socket, guest)
    socket.binaryType = 'nodebuffer'
    const late = this.#options.clock.after(OPENING_MS, () => socket.terminate())
    const stop = keepAlive(socket, this.#options.clock)
    socket.on('message', (data, isBinary) => {
      // It was told to go; what it still says is not heard.
      if (socket.readyState !== socket.OPEN) return
      if (!isBinary) {
        socket.close(CloseCode.unsupportedData, 'only binary messages are spoken here')
        return
      }
      const bytes = data as Buffer
      const message = decodeMessage(bytes)
      if (message?.tag === Tag.ping) {
        socket.send(encodeMessage({ tag: Tag.pong, payload: message.payload }))
      } else if (!session) {
        late()
        const opening = message?.tag === Tag.open ? decodeJson(message.payload) : undefined
        if (Value.Check(OpeningSchema, opening)) session = this.#open(socket, opening, guest)
        else refuse(socket, 'a connection begins with OPEN, as PROTOCOL.md says')
        // A later connection of the same session has taken over: what comes late here comes there again.
      } else if (session.socket === socket && !(message && session.take(message, bytes.length))) {
        this.#break(session, 'that is no message of PROTOCOL.md')
      }
    })
    // ws closes by itself with 1009 or 1002; without a listener its error would end the worker.
    socket.on('error', () => undefined)
    socket.on('close', (code) => {
      late()
      stop()
      this.#sockets.delete(socket)
      if (session) this.#left(session, socket, code)
    })
  }

  /**
   * Tells all that the sandbox sleeps, and resolves when their connections are closed. Nothing is sticky: the next
   * connection is served as always, and sessions wait for it, since while the sandbox is frozen their time must not run out.
   */
  async sleep(rest: Rest): Promise<void> {
    this.#asleep = true
    for (const cancel of this.#away.values()) cancel()
    this.#away.clear()
    if (this.#sessions.size > 0) this.#options.onUse(false)
    const sockets = [...this.#sockets.keys()]
    const closing = sockets.map((socket) => new Promise<void>((closed) => socket.once('close', () => closed())))
    for (const socket of sockets) socket.close(SANDBOX_ASLEEP, rest)
    // One that does not answer would hold its connection open while we are frozen, and its page would wait.
    const cancel = this.#options.clock.after(GOODNIGHT_MS, () => {
      for (const socket of sockets) socket.terminate()
    })
    await Promise.all(closing)
    cancel()
  }

  /** Says goodbye to all: the worker stops. */
  close(): void {
    for (const socket of this.#sockets.keys()) socket.close(CloseCode.serviceRestart, 'the worker restarts')
    for (const session of [...this.#sessions.values()]) this.#end(session)
  }

  #open(socket: WebSocket, opening: Opening, guest: Guest): PageSession | undefined {
    const known = opening.session === undefined ? undefined : this.#sessions.get(opening.session)
    // Nobody goes on with a session of somebody who may do more, or less.
    if (known && known.guest.access === guest.access && known.guest.share === guest.share) {
      const former = known.socket
      if (former) known.suspend(former)
      const greet = () => welcome(socket, { session: known.id, resumed: true, received: known.received })
      if (known.resume(socket, opening.received, greet)) {
        this.#returned(known.id)
        former?.terminate()
        return known
      }
      this.#end(known)
    }
    if (!this.#hasRoom(guest)) {
      socket.close(CloseCode.tryAgainLater, 'too many pages are open')
      return undefined
    }
    const { services, clock, log } = this.#options
    const session: PageSession = new PageSession({
      id: randomBytes(16).toString('base64url'),
      guest,
      services,
      clock,
      log,
      onBroken: (reason) => this.#break(session, reason),
    })
    this.#sessions.set(session.id, session)
    if (this.#sessions.size === 1) this.#options.onUse(true)
    session.resume(socket, 0, () => welcome(socket, { session: session.id, resumed: false, received: 0 }))
    return session
  }

  #left(session: PageSession, socket: WebSocket, code: number): void {
    if (session.socket !== socket || !this.#sessions.has(session.id)) return
    session.suspend(socket)
    if (!this.#asleep) this.#awaits(session, code === CloseCode.goingAway ? GONE_MS : AWAY_MS)
  }

  /** Its page is away, and has so long to come back. */
  #awaits(session: PageSession, wait: number): void {
    this.#away.set(
      session.id,
      this.#options.clock.after(wait, () => this.#end(session)),
    )
  }

  #awake(): void {
    if (!this.#asleep) return
    this.#asleep = false
    for (const session of this.#sessions.values()) if (!session.socket) this.#awaits(session, AWAY_MS)
    if (this.#sessions.size > 0) this.#options.onUse(true)
  }

  #returned(id: string): void {
    this.#away.get(id)?.()
    this.#away.delete(id)
  }

  /** Makes room, if need be, by forgetting a page that is away. */
  #hasRoom(guest: Guest): boolean {
    const isGuest = ({ share }: Guest) => share !== undefined
    const rivals = isGuest(guest) ? this.all().filter((page) => isGuest(page.guest)) : this.all()
    if (rivals.length < (isGuest(guest) ? MAX_GUEST_PAGES : MAX_PAGES) && this.#sessions.size < MAX_PAGES) return true
    const away = rivals.find(({ id }) => this.#away.has(id))
    if (away) this.#end(away)
    return away !== undefined
  }

  #break(session: PageSession, reason: string): void {
    const { socket } = session
    this.#end(session)
    if (socket) refuse(socket, reason)
  }

  #end(session: PageSession): void {
    if (!this.#sessions.delete(session.id)) return
    this.#returned(session.id)
    session.close()
    if (this.#sessions.size === 0) this.#options.onUse(false)
  }
}

function welcome(socket: WebSocket, value: Welcome): void {
  socket.send(encodeMessage({ tag: Tag.welcome, payload: Buffer.from(JSON.stringify(value)) }))
}

function refuse(socket: WebSocket, reason: string): void {
  socket.close(CloseCode.invalidPayload, reason)
}

/** Ends a connection of which nothing was heard between two beats; the returned function stops it. */
function keepAlive(socket: WebSocket, clock: Clock): () => void {
  let heard = true
  const hear = () => {
    heard = true
  }
  socket.on('message', hear)
  socket.on('pong', hear)
  let cancel = clock.after(HEARTBEAT_MS, beat)
  return () => cancel()

  function beat(): void {
    if (!heard) socket.terminate()
    else socket.ping()
    heard = false
    cancel = clock.after(HEARTBEAT_MS, beat)
  }
}
