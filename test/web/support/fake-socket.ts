import {
  decodeMessage,
  encodeMessage,
  type Frame,
  isNumbered,
  type Message,
  Tag,
  type Welcome,
} from '../../../src/core/wire/frames.ts'
import type { ControlMessage } from '../../../src/core/wire/operations.ts'
import type { SocketLike } from '../../../src/web/ide/wire/connection-options.ts'

/** The worker's end of a socket, in the hands of a test. */
export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason?: string }) => void) | null = null
  readonly sent: Message[] = []
  #number = 0
  closed = false

  send(data: Uint8Array<ArrayBuffer>): void {
    const message = decodeMessage(data)
    if (!message) throw new Error('The page sent no message')
    this.sent.push(message)
  }

  close(): void {
    this.closed = true
  }

  /** Requests the page sent, in their order. */
  requests(): Extract<ControlMessage, { op: unknown }>[] {
    return this.frames().flatMap((frame) => {
      if (frame.tag !== Tag.control) return []
      const message = JSON.parse(new TextDecoder().decode(frame.payload)) as ControlMessage
      return 'op' in message ? [message] : []
    })
  }

  /** Answers the last request of that name. */
  answer(op: string, ok: unknown): void {
    const request = this.requests().findLast((one) => one.op === op)
    if (!request) throw new Error(`The page did not ask for ${op}`)
    this.control({ re: request.id, ok })
  }

  control(message: ControlMessage): void {
    this.deliver({ tag: Tag.control, payload: new TextEncoder().encode(JSON.stringify(message)) })
  }

  /** What the page sent of its session. */
  frames() {
    return this.sent.filter(isNumbered)
  }

  /** The worker's first word. */
  welcome(welcome: Welcome): void {
    this.say({ tag: Tag.welcome, payload: new TextEncoder().encode(JSON.stringify(welcome)) })
  }

  /** The worker's next frame; `number` where it goes on with those of another socket. */
  deliver(frame: Frame, number = ++this.#number): void {
    this.#number = number
    this.say({ ...frame, number })
  }

  /** Answers a ping. */
  pong(): void {
    this.say({ tag: Tag.pong, payload: new Uint8Array() })
  }

  say(message: Message): void {
    this.onmessage?.({ data: encodeMessage(message).buffer })
  }
}
