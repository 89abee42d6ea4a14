import type { IBufferCell, Terminal } from '@xterm/headless'

/**
 * What of xterm.js's inside a snapshot needs and its API does not tell. The version is pinned, and the tests compare
 * every one of these after random output.
 */
export interface Inside {
  buffers: { normal: InsideBuffer; alt: InsideBuffer; active: InsideBuffer }
  coreService: {
    isCursorHidden: boolean
    modes: { insertMode: boolean }
    decPrivateModes: {
      applicationCursorKeys: boolean
      applicationKeypad: boolean
      bracketedPasteMode: boolean
      cursorBlink: boolean | undefined
      cursorStyle: 'block' | 'underline' | 'bar' | undefined
      origin: boolean
      reverseWraparound: boolean
      sendFocus: boolean
      synchronizedOutput: boolean
      wraparound: boolean
    }
  }
  coreMouseService: { activeProtocol: string; activeEncoding: string }
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] }
  _oscLinkService: { getLinkData(id: number): { id?: string; uri: string } | undefined }
  _inputHandler: { _curAttrData: Attributes; _parser: { currentState: number; precedingJoinState: number } }
}

/** Shared tables: the same one each time a program asks for it. Undefined is US-ASCII. */
export type Charset = object | undefined

export interface Attributes {
  fg: number
  bg: number
  extended: { underlineStyle: number; underlineColor: number; urlId: number }
}

export interface InsideBuffer {
  lines: { length: number; get(index: number): InsideLine | undefined }
  x: number
  y: number
  ybase: number
  scrollTop: number
  scrollBottom: number
  tabs: Record<number, boolean | undefined>
  savedX: number
  savedY: number
  savedCurAttrData: Attributes
  savedCharset: Charset
}

export interface InsideLine {
  length: number
  isWrapped: boolean
  loadCell(index: number, cell: InsideCell): InsideCell
}

export type InsideCell = IBufferCell & Attributes

export function insideOf(terminal: Terminal): Inside {
  return (terminal as unknown as { _core: Inside })._core
}

/** A cell to load others into. */
export function emptyCell(terminal: Terminal): InsideCell {
  return terminal.buffer.active.getNullCell() as InsideCell
}

/** Parser state in which no sequence is under way. */
export const GROUND = 0

/** Where xterm.js keeps what in `fg` and `bg` (its Constants.ts). */
export const Mask = { color: 0x3ffffff, mode: 0x3000000, value: 0xffffff } as const
export const ColorMode = { default: 0, palette16: 0x1000000, palette256: 0x2000000, rgb: 0x3000000 } as const
export const FgFlag = {
  inverse: 0x4000000,
  bold: 0x8000000,
  underline: 0x10000000,
  blink: 0x20000000,
  invisible: 0x40000000,
  strikethrough: 0x80000000,
} as const
export const BgFlag = {
  italic: 0x4000000,
  dim: 0x8000000,
  extended: 0x10000000,
  protected: 0x20000000,
  overline: 0x40000000,
} as const
