import { Type } from 'typebox'
import { channel, type Done, strict } from './fields.ts'

/** Unpainted bytes above which the worker pauses a terminal's process, and below which it goes on. */
export const HIGH_WATER_BYTES = 256 * 1024
export const LOW_WATER_BYTES = 64 * 1024

const cols = Type.Integer({ minimum: 1, maximum: 1000 })
const rows = Type.Integer({ minimum: 1, maximum: 1000 })
const terminal = Type.String({ maxLength: 64 })

export const terminalsParams = {
  /** A new shell, attached as by `terminal.attach`. */
  'terminal.open': Type.Object({ cols, rows }, strict),
  /** Shows a terminal: its last `replay` bytes arrive on the channel first, then what is new. */
  'terminal.attach': Type.Object({ terminal, cols, rows }, strict),
  /** Ends a channel; the terminal goes on. */
  'terminal.detach': Type.Object({ channel }, strict),
  'terminal.resize': Type.Object({ channel, cols, rows }, strict),
  'terminal.close': Type.Object({ terminal }, strict),
}

export interface TerminalInfo {
  /** Stays the same as long as the worker lives. */
  terminal: string
  title: string
  cols: number
  rows: number
  /** `app` is the template's own start command; `shell` was opened by a person. */
  kind: 'app' | 'shell'
  exitCode?: number
}

/** A terminal as this session sees it. */
export interface Attached extends TerminalInfo {
  channel: number
  /** Bytes of earlier output that come first; what the terminal's emulator answers to them must not be sent as input. */
  replay: number
}

export interface TerminalsResults {
  'terminal.open': Attached
  'terminal.attach': Attached
  'terminal.detach': Done
  'terminal.resize': Done
  'terminal.close': Done
}

export interface TerminalsEvents {
  'terminal.changed': TerminalInfo
  'terminal.closed': { terminal: string }
}
