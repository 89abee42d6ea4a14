/**
 * The WebSocket between page and worker; PROTOCOL.md says the same in prose.
 *
 * Every message is binary: one tag byte, then
 *   CONTROL  0x00  UTF-8 JSON, a ControlMessage
 *   INPUT    0x01  u16 channel (big endian), bytes for the terminal       page -> worker
 *   OUTPUT   0x02  u16 channel, bytes from the terminal                   worker -> page
 *   PAINTED  0x03  u16 channel, u32 how many more bytes have been drawn   page -> worker
 */
export const Tag = { control: 0, input: 1, output: 2, painted: 3 } as const

/** A frame larger than this is a mistake or an attack, and closes the connection with 1009. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024

/** Unpainted bytes above which the worker pauses a terminal's process, and below which it goes on. */
export const HIGH_WATER_BYTES = 256 * 1024
export const LOW_WATER_BYTES = 64 * 1024

export interface Entry {
  name: string
  kind: 'file' | 'directory' | 'link' | 'other'
  /** Bytes. */
  size: number
}

export interface TerminalInfo {
  /** Stays the same over reconnects. */
  terminal: string
  title: string
  cols: number
  rows: number
  /** `app` is the template's own start command; `shell` was opened by a person. */
  kind: 'app' | 'shell'
  exitCode?: number
}

/** A terminal as this connection sees it. */
export interface Attached extends TerminalInfo {
  channel: number
  /** Bytes of earlier output that come first; what the terminal's emulator answers to them must not be sent as input. */
  replay: number
}

/** Requests of the page: name -> [parameters, result]. Paths are relative to the project's folder, with `/`. */
export interface Requests {
  hello: [
    Record<string, never>,
    {
      sandbox: { id: string; name: string; subdomain: string; domain: string; template: string; port: number }
      /** The template's own port, 0 for none. */
      appPort: number
      /** The file to open the first time. */
      open?: string
      /** What the dashboard is reached at. */
      masterUrl: string
      terminals: TerminalInfo[]
      /** Ports of the sandbox that listen now. */
      ports: number[]
      version: string
    },
  ]
  /** In no order. A folder of more than 20,000 entries gives that many and `truncated`. */
  'files.list': [{ path: string }, { entries: Entry[]; truncated?: true }]
  /** `version` stands for the bytes read, for `files.write`. Files over 5 MiB or not UTF-8 are refused. */
  'files.read': [{ path: string }, { text: string; version: string }]
  /** Refused with CONFLICT when the file is not at `base` any more; without `base` it must not exist. */
  'files.write': [{ path: string; text: string; base?: string }, { version: string }]
  'files.makeDirectory': [{ path: string }, Record<string, never>]
  'files.rename': [{ from: string; to: string }, Record<string, never>]
  'files.remove': [{ path: string }, Record<string, never>]
  /** Begins to send `files.changed` for this folder (not below it); several may be watched. */
  'files.watch': [{ path: string }, Record<string, never>]
  'files.unwatch': [{ path: string }, Record<string, never>]
  /** A new shell, attached to this connection as by `terminal.attach`. */
  'terminal.open': [{ cols: number; rows: number }, Attached]
  /** Shows a terminal on this connection: its last `replay` bytes arrive as OUTPUT on the channel first, then what is new. */
  'terminal.attach': [{ terminal: string; cols: number; rows: number }, Attached]
  /** Ends a channel; the terminal goes on. */
  'terminal.detach': [{ channel: number }, Record<string, never>]
  'terminal.resize': [{ channel: number; cols: number; rows: number }, Record<string, never>]
  'terminal.close': [{ terminal: string }, Record<string, never>]
  /** Starts the template's app again. */
  'app.restart': [Record<string, never>, Record<string, never>]
  ping: [Record<string, never>, Record<string, never>]
}
export type Operation = keyof Requests

/** What the worker says unasked. */
export interface Events {
  /** Something in a watched folder; no names: list it again. */
  'files.changed': { directory: string; names: string[] }
  'terminal.changed': TerminalInfo
  'terminal.closed': { terminal: string }
  'ports.changed': { ports: number[] }
}
export type EventName = keyof Events

export type ControlMessage =
  | { id: number; op: Operation; params: unknown }
  | { re: number; ok: unknown }
  | { re: number; problem: { code: string; detail: string } }
  | { event: EventName; data: unknown }

export type Frame =
  | { tag: typeof Tag.control; payload: Uint8Array }
  | { tag: typeof Tag.input | typeof Tag.output; channel: number; payload: Uint8Array }
  | { tag: typeof Tag.painted; channel: number; bytes: number }

export function encodeFrame(frame: Frame): Uint8Array {
  if (frame.tag === Tag.control) {
    const message = new Uint8Array(1 + frame.payload.length)
    message.set(frame.payload, 1)
    return message
  }
  if (frame.tag === Tag.painted) {
    const message = new Uint8Array(7)
    const view = new DataView(message.buffer)
    view.setUint8(0, frame.tag)
    view.setUint16(1, frame.channel)
    view.setUint32(3, frame.bytes)
    return message
  }
  const message = new Uint8Array(3 + frame.payload.length)
  message[0] = frame.tag
  message[1] = frame.channel >> 8
  message[2] = frame.channel & 255
  message.set(frame.payload, 3)
  return message
}

/** Total: anything that is no frame gives undefined. The payload is a view of `message`. */
export function decodeFrame(message: Uint8Array): Frame | undefined {
  const tag = message[0]
  if (tag === Tag.control) return { tag, payload: message.subarray(1) }
  if (message.length < 3) return undefined
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  if (tag === Tag.input || tag === Tag.output) {
    return { tag, channel: view.getUint16(1), payload: message.subarray(3) }
  }
  if (tag === Tag.painted && message.length === 7) {
    return { tag, channel: view.getUint16(1), bytes: view.getUint32(3) }
  }
  return undefined
}
