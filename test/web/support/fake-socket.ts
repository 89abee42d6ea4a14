import { type ControlMessage, decodeFrame, encodeFrame, type Frame, Tag } from '../../../src/core/wire/frames.ts'
import type { SocketLike } from '../../../src/web/ide/wire/connection.ts'

/** The worker's end of a socket, in the hands of a test. */
export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  readonly sent: Frame[] = []
  closed = false

  send(data: Uint8Array<ArrayBuffer>): void {
    const frame = decodeFrame(data)
    if (!frame) throw new Error('The page sent no frame')
    this.sent.push(frame)
  }

  close(): void {
    this.closed = true
  }

  /** Requests the page sent, in their order. */
  requests(): Extract<ControlMessage, { op: unknown }>[] {
    return this.sent.flatMap((frame) => {
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

  deliver(frame: Frame): void {
    const bytes = encodeFrame(frame)
    this.onmessage?.({ data: bytes.buffer })
  }
}
