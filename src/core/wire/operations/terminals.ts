import { type Static, Type } from 'typebox'
import { channel, type Done, strict } from './fields.ts'

/** Unpainted bytes above which the worker pauses a terminal's process, and below which it goes on. */
export const HIGH_WATER_BYTES = 256 * 1024
export const LOW_WATER_BYTES = 64 * 1024

const cols = Type.Integer({ minimum: 2, maximum: 1000 })
const rows = Type.Integer({ minimum: 2, maximum: 1000 })
const terminal = Type.String({ maxLength: 64 })
const color = Type.String({ pattern: '^#[0-9a-fA-F]{6}$' })

const Colors = Type.Object(
  { foreground: color, background: color, cursor: color, palette: Type.Array(color, { minItems: 16, maxItems: 16 }) },
  strict,
)

export const terminalsParams = {
  /** A new shell, attached as by `terminal.attach`; in the folder that the shell of `beside` is in. */
  'terminal.open': Type.Object({ cols, rows, beside: Type.Optional(terminal) }, strict),
  /** Gives a channel: the screen as it is comes first, then what is new. The page shows it in `cols` and `rows`. */
  'terminal.attach': Type.Object({ terminal, cols, rows }, strict),
  /** Ends a channel; the terminal goes on. */
  'terminal.detach': Type.Object({ channel }, strict),
  /** The page shows the terminal and has so much room for it. */
  'terminal.resize': Type.Object({ channel, cols, rows }, strict),
  /** The page does not show the terminal now: its size does not count and it holds no program up. */
  'terminal.hide': Type.Object({ channel }, strict),
  /** Gives a terminal a name; '' takes it back. */
  'terminal.rename': Type.Object({ terminal, name: Type.String({ maxLength: 60 }) }, strict),
  /** Forgets all lines but the one of the cursor, for everybody. */
  'terminal.clear': Type.Object({ terminal }, strict),
  /** What the page draws with: the answer for programs that ask. */
  'terminal.colors': Colors,
  'terminal.close': Type.Object({ terminal }, strict),
}

export type TerminalColorsParams = Static<typeof Colors>

export interface TerminalInfo {
  /** Stays the same as long as the terminal is there, over restarts of the worker too. */
  terminal: string
  /** Given by a person. */
  name?: string
  /** What runs in it now, such as `bash` or `vim`; '' when nothing does. */
  program: string
  /** What the program calls itself (OSC 0 and 2). */
  title?: string
  /** Where its shell is, an absolute path. */
  folder: string
  cols: number
  rows: number
  /** `app` is the template's own start command; `shell` was opened by a person. */
  kind: 'app' | 'shell'
  exitCode?: number
}

/** A terminal as this session sees it. */
export interface Attached extends TerminalInfo {
  channel: number
}

export interface TerminalsResults {
  'terminal.open': Attached
  'terminal.attach': Attached
  'terminal.detach': Done
  'terminal.resize': Done
  'terminal.hide': Done
  'terminal.rename': Done
  'terminal.clear': Done
  'terminal.colors': Done
  'terminal.close': Done
}

export interface TerminalsEvents {
  'terminal.changed': TerminalInfo
  'terminal.closed': { terminal: string }
  /** What comes on the channel from here on is for a screen of this size. */
  'terminal.resized': { channel: number; cols: number; rows: number }
  /** Here all lines but the cursor's are forgotten. */
  'terminal.cleared': { channel: number }
}
