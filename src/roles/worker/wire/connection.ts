import type { WebSocket } from 'ws'
import { OmegaError } from '../../../core/errors.ts'
import {
  type Attached,
  type ControlMessage,
  decodeFrame,
  type EventName,
  type Events,
  encodeFrame,
  Tag,
} from '../../../core/wire/frames.ts'
import { asOmegaError } from '../../../drivers/web-app.ts'
import type { Terminal, View } from '../terminals/terminal.ts'
import { type Channels, parseRequest, perform, type Services } from './operations.ts'

/** RFC 6455 7.4.1. */
export const CloseCode = { unsupportedData: 1003, invalidPayload: 1007, serviceRestart: 1012 } as const

/** The worker keeps the time, since browsers slow the timers of hidden pages; a page silent twice is gone. */
const HEARTBEAT_MS = 20_000
/** Requests under way at once. */
const MAX_UNDER_WAY = 64
/** Answers a page does not fetch; above it new requests are refused. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024
/** Folders one page may watch: a tree with that many open folders is not looked at any more. */
const MAX_WATCHES = 500

interface Channel {
  terminal: Terminal
  view: View
}

export interface ConnectionLog {
  error(facts: object, message: string): void
}

/**
 * One page's WebSocket. Whatever it sends, the worse that happens is that this connection is closed: frames that are
 * none close it, requests that are wrong get a problem. It may end at any moment; the terminals do not notice.
 */
export class Connection implements Channels {
  readonly #socket: WebSocket
  readonly #services: Services
  readonly #log: ConnectionLog
  readonly #channels = new Map<number, Channel>()
  readonly #watches = new Map<string, Promise<{ close(): void }>>()
  readonly #heartbeat: NodeJS.Timeout
  #heard = true
  #underWay = 0

  constructor(socket: WebSocket, services: Services, log: ConnectionLog) {
    this.#socket = socket
    this.#services = services
    this.#log = log
    socket.binaryType = 'nodebuffer'
    socket.on('message', (data, isBinary) => {
      this.#heard = true
      if (isBinary) this.#receive(data as Buffer)
      else socket.close(CloseCode.unsupportedData, 'only binary messages are spoken here')
    })
    socket.on('pong', () => {
      this.#heard = true
    })
    // ws closes by itself with 1009 or 1002; without a listener its error would end the worker.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#release())
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS)
  }

  tell<E extends EventName>(event: E, data: Events[E]): void {
    if (event === 'terminal.closed') this.#forget((data as Events['terminal.closed']).terminal)
    this.#send({ event, data })
  }

  /** Says goodbye: the worker stops. */
  close(): void {
    this.#socket.close(CloseCode.serviceRestart, 'the worker restarts')
  }

  attach(terminal: Terminal): { attached: Attached; begin: () => void } {
    for (const [channel, { terminal: shown }] of this.#channels) if (shown === terminal) this.detach(channel)
    let channel = 1
    while (this.#channels.has(channel)) channel++
    const deliver = (payload: Uint8Array) => this.#write(encodeFrame({ tag: Tag.output, channel, payload }))
    const view = terminal.attach(deliver)
    this.#channels.set(channel, { terminal, view })
    const begin = () => {
      if (view.replay.length > 0) deliver(view.replay)
    }
    return { attached: { ...terminal.info, channel, replay: view.replay.length }, begin }
  }

  detach(channel: number): void {
    this.#channels.get(channel)?.view.detach()
    this.#channels.delete(channel)
  }

  terminalOf(channel: number): Terminal {
    const found = this.#channels.get(channel)
    if (found) return found.terminal
    throw new OmegaError('NOT_FOUND', `There is no channel ${channel} on this connection. Attach the terminal again.`)
  }

  async watch(path: string): Promise<void> {
    if (this.#watches.has(path)) return
    if (this.#watches.size >= MAX_WATCHES) {
      throw new OmegaError('TOO_MANY_REQUESTS', `${MAX_WATCHES} folders are watched already. Stop watching some.`)
    }
    const watching = this.#services.files.watch(path, (names) => this.tell('files.changed', { directory: path, names }))
    this.#watches.set(path, watching)
    try {
      const watcher = await watching
      // Unwatched or disconnected while it was being set up.
      if (this.#watches.get(path) !== watching) watcher.close()
    } catch (error) {
      if (this.#watches.get(path) === watching) this.#watches.delete(path)
      throw error
    }
  }

  unwatch(path: string): void {
    const watching = this.#watches.get(path)
    this.#watches.delete(path)
    watching?.then((watcher) => watcher.close()).catch(() => undefined)
  }

  #receive(message: Uint8Array): void {
    const frame = decodeFrame(message)
    if (!frame || frame.tag === Tag.output) {
      this.#socket.close(CloseCode.invalidPayload, 'that is no frame of PROTOCOL.md')
      return
    }
    if (frame.tag === Tag.control) {
      this.#control(frame.payload)
      return
    }
    // A channel just closed may still be written to; that is late, not wrong.
    const channel = this.#channels.get(frame.channel)
    if (!channel) return
    if (frame.tag === Tag.painted) channel.view.painted(frame.bytes)
    else this.#input(channel.terminal, frame.payload)
  }

  #input(terminal: Terminal, bytes: Uint8Array): void {
    try {
      terminal.input(bytes)
    } catch {
      // Its program reads nothing and the queue is full; like a real terminal, the rest is not taken.
    }
  }

  #control(payload: Uint8Array): void {
    let request: ReturnType<typeof parseRequest>
    try {
      request = parseRequest(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)))
    } catch {
      request = undefined
    }
    if (!request) {
      this.#socket.close(CloseCode.invalidPayload, 'a control frame holds a JSON request {id, op, params}')
      return
    }
    void this.#answer(request.id, request.op, request.params)
  }

  async #answer(re: number, op: string, params: unknown): Promise<void> {
    this.#underWay++
    try {
      if (this.#underWay > MAX_UNDER_WAY || this.#socket.bufferedAmount > MAX_UNSENT_BYTES) {
        throw new OmegaError('TOO_MANY_REQUESTS', 'Too many requests are under way. Wait for their answers.')
      }
      const { ok, after } = await perform(op, params, this.#services, this)
      this.#send({ re, ok })
      after?.()
    } catch (error) {
      const { code, message } = asOmegaError(error)
      if (code === 'INTERNAL') this.#log.error({ err: error, op }, 'an operation failed')
      this.#send({ re, problem: { code, detail: message } })
    } finally {
      this.#underWay--
    }
  }

  #send(message: ControlMessage): void {
    this.#write(encodeFrame({ tag: Tag.control, payload: Buffer.from(JSON.stringify(message)) }))
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(bytes)
  }

  #beat(): void {
    if (!this.#heard) {
      this.#socket.terminate()
      return
    }
    this.#heard = false
    this.#socket.ping()
  }

  #forget(terminal: string): void {
    for (const [channel, shown] of this.#channels) if (shown.terminal.info.terminal === terminal) this.detach(channel)
  }

  #release(): void {
    clearInterval(this.#heartbeat)
    for (const channel of [...this.#channels.keys()]) this.detach(channel)
    for (const path of [...this.#watches.keys()]) this.unwatch(path)
  }
}
