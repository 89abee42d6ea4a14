/**
 * Messages of the WebSocket between page and worker; PROTOCOL.md says the same in prose. All are binary, one tag byte
 * first; numbers are big endian.
 *
 * Numbered frames belong to the session and survive its connections (session.ts):
 *   CONTROL  0   u32 number, UTF-8 JSON: a ControlMessage
 *   DATA     1   u32 number, u16 channel, bytes: what they mean is the channel's affair
 *   PAINTED  2   u32 number, u16 channel, u32 how many more bytes of it have been drawn    page -> worker
 * The others are about the connection they come on:
 *   OPEN     16  UTF-8 JSON: an Opening, first of all                                       page -> worker
 *   WELCOME  17  UTF-8 JSON: a Welcome, the answer to it                                    worker -> page
 *   ACK      18  u32 the number up to which all has been received
 *   PING     19  up to 16 bytes
 *   PONG     20  the same bytes
 */
export const Tag = { control: 0, data: 1, painted: 2, open: 16, welcome: 17, ack: 18, ping: 19, pong: 20 } as const

/** A message larger than this is a mistake or an attack, and closes the connection with 1009. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

/**
 * The WebSocket is closed with it when the link that let the page in has ended; the reason is `revoked` or `over`. From
 * the range of RFC 6455 7.4.2 for private use.
 */
export const ACCESS_ENDED = 4003

/** The WebSocket is closed with it when the sandbox goes to sleep or sleeps; the reason is `asleep` or `stopped`. */
export const SANDBOX_ASLEEP = 4010

const MAX_PING_BYTES = 16

/** What a session carries. */
export type Frame =
  | { tag: typeof Tag.control; payload: Uint8Array }
  | { tag: typeof Tag.data; channel: number; payload: Uint8Array }
  | { tag: typeof Tag.painted; channel: number; bytes: number }

export type NumberedFrame = Frame & { number: number }

/** The session to go on with, and how many of its frames have come; without `session` a new one begins. */
export interface Opening {
  session?: string
  received: number
}

/** The session that is spoken from now on. Not `resumed`, it is a new one: what the page had sent before is void. */
export interface Welcome {
  session: string
  resumed: boolean
  received: number
}

export type Message =
  | NumberedFrame
  | { tag: typeof Tag.open | typeof Tag.welcome; payload: Uint8Array }
  | { tag: typeof Tag.ack; received: number }
  | { tag: typeof Tag.ping | typeof Tag.pong; payload: Uint8Array }

export function isNumbered(message: Message): message is NumberedFrame {
  return message.tag <= Tag.painted
}

export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  switch (message.tag) {
    case Tag.control:
      return assemble(message.tag, 5, message.payload, (view) => view.setUint32(1, message.number))
    case Tag.data:
      return assemble(message.tag, 7, message.payload, (view) => {
        view.setUint32(1, message.number)
        view.setUint16(5, message.channel)
      })
    case Tag.painted:
      return assemble(message.tag, 11, nothing, (view) => {
        view.setUint32(1, message.number)
        view.setUint16(5, message.channel)
        view.setUint32(7, message.bytes)
      })
    case Tag.ack:
      return assemble(message.tag, 5, nothing, (view) => view.setUint32(1, message.received))
    default:
      return assemble(message.tag, 1, message.payload, () => undefined)
  }
}

/** Total: anything that is no message gives undefined. The payload is a view of `bytes`. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  const tag = bytes[0]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (tag === Tag.control && bytes.length >= 5) return { tag, number: view.getUint32(1), payload: bytes.subarray(5) }
  if (tag === Tag.data && bytes.length >= 7) {
    return { tag, number: view.getUint32(1), channel: view.getUint16(5), payload: bytes.subarray(7) }
  }
  if (tag === Tag.painted && bytes.length === 11) {
    return { tag, number: view.getUint32(1), channel: view.getUint16(5), bytes: view.getUint32(7) }
  }
  if (tag === Tag.ack && bytes.length === 5) return { tag, received: view.getUint32(1) }
  if (tag === Tag.open || tag === Tag.welcome) return { tag, payload: bytes.subarray(1) }
  if ((tag === Tag.ping || tag === Tag.pong) && bytes.length <= 1 + MAX_PING_BYTES) {
    return { tag, payload: bytes.subarray(1) }
  }
  return undefined
}

const nothing = new Uint8Array()

function assemble(
  tag: number,
  headBytes: number,
  payload: Uint8Array,
  fillHead: (view: DataView) => void,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headBytes + payload.length)
  bytes[0] = tag
  fillHead(new DataView(bytes.buffer))
  bytes.set(payload, headBytes)
  return bytes
}
