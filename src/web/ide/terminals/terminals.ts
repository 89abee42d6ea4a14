import type { TerminalColors } from '../../../core/terminal/terminal-colors.ts'
import type { Attached, TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import { Store } from '../../shared/store.ts'
import type { Connection } from '../wire/connection.ts'
import { type Groups, groupsFor, moveTo, neighbour, splitGroup, successor, unsplit } from './terminal-groups.ts'
import type { TerminalTools } from './terminal-tools.ts'

export interface Size {
  /** Characters. */
  cols: number
  rows: number
}

/** A report of what was drawn is due after so many bytes; far below what the worker sends ahead. */
const PAINTED_BYTES = 16 * 1024

/** What draws a terminal: xterm.js in the page, a recorder in tests. What it is told it does in the order it was told. */
export interface Screen {
  /** What it has room for; undefined while it is not shown. */
  room(): Size | undefined
  /** `painted` is called when the bytes are drawn. */
  write(bytes: Uint8Array, painted: () => void): void
  /** What is written from now on is for this size. */
  resize(size: Size): void
  /** Forgets all lines but that of the cursor. */
  clear(): void
}

export interface TerminalsState {
  readonly list: readonly TerminalInfo[]
  readonly groups: Groups
  readonly active: string | undefined
  /** Grows when a person wants to type in the active one. */
  readonly focus: number
}

/** What the page remembers of how its terminals stand. */
export interface TerminalsMemory {
  groups: Groups
  active?: string | undefined
}

/** A frame of input; a pasted file goes in several. */
const INPUT_CHUNK_BYTES = 64 * 1024
const DEFAULT_SIZE: Size = { cols: 80, rows: 24 }

/** The terminals of the sandbox, how they stand beside one another, and which of them this page draws. */
export class Terminals {
  readonly state = new Store<TerminalsState>({ list: [], groups: [], active: undefined, focus: 0 })
  /** By terminal, of those that are drawn. */
  readonly tools = new Map<string, TerminalTools>()
  /** Which want attention, since they rang while nobody looked. */
  readonly rang = new Store<ReadonlySet<string>>(new Set())
  /** The terminal whose name is being typed. */
  readonly renaming = new Store<string | undefined>(undefined)
  readonly #connection: Connection
  readonly #remember: (memory: TerminalsMemory) => void
  readonly #screens = new Map<string, Screen>()
  readonly #channels = new Map<string, number>()
  /** Terminals that were attached in this session and are being so. */
  readonly #attaching = new Set<string>()
  #colors: TerminalColors | undefined
  /** Nobody sees a page in the background, whatever its screens have room for. */
  #visible = true
  #focusWanted = false
  #controlHeld: (() => void) | undefined

  constructor(connection: Connection, remember: (memory: TerminalsMemory) => void = () => {}) {
    this.#connection = connection
    this.#remember = remember
    connection.on('terminal.changed', (info) => this.#put(info))
    connection.on('terminal.closed', ({ terminal }) => this.#remove(terminal))
    connection.on('terminal.resized', ({ channel, cols, rows }) => this.#screenOf(channel)?.resize({ cols, rows }))
    connection.on('terminal.cleared', ({ channel }) => this.#screenOf(channel)?.clear())
  }

  /** In each new session: the terminals there are, and how they stood last; those shown here are attached again. */
  connected(list: readonly TerminalInfo[], last?: TerminalsMemory): void {
    this.#channels.clear()
    this.#attaching.clear()
    const ids = list.map(({ terminal }) => terminal)
    this.#change((state) => {
      const active = [state.active, last?.active].find((wanted) => wanted !== undefined && ids.includes(wanted))
      const before = state.groups.length > 0 ? state.groups : (last?.groups ?? [])
      return { ...state, list, groups: groupsFor(before, ids), active: active ?? ids[0] }
    })
    for (const terminal of this.#screens.keys()) if (ids.includes(terminal)) this.shown(terminal)
    if (this.#colors) this.#tellColors()
  }

  select(terminal: string): void {
    this.#focusWanted = true
    this.#change((state) => ({ ...state, active: terminal, focus: state.focus + 1 }))
  }

  /** A program has rung the bell. */
  ring(terminal: string): void {
    if (this.state.get().active !== terminal) this.rang.update((rang) => new Set([...rang, terminal]))
  }

  /** The tools of the active one. */
  get activeTools(): TerminalTools | undefined {
    return this.tools.get(this.state.get().active ?? '')
  }

  /** The next tab, or the one before. */
  step(by: 1 | -1): void {
    const { groups, active } = this.state.get()
    const next = neighbour(groups, active, by)
    if (next !== undefined) this.select(next)
  }

  /** Whether a person wants to type in the active one; once true, then false until they ask again. */
  takeFocus(): boolean {
    const wanted = this.#focusWanted
    this.#focusWanted = false
    return wanted
  }

  /**
   * Opens a shell in the folder of the active one and shows it, ready to type in when `focus`; beside the active one when
   * `split`. Rejects with the worker's problem.
   */
  async openShell({ focus = true, split = false } = {}): Promise<void> {
    const { active, list } = this.state.get()
    const beside = list.find(({ terminal, kind }) => terminal === active && (split || kind === 'shell'))?.terminal
    const size = (beside === undefined ? undefined : this.#screens.get(beside)?.room()) ?? this.#anyRoom()
    const params = beside === undefined ? size : { ...size, beside }
    const { channel, ...info } = await this.#connection.request('terminal.open', params)
    this.#channels.set(info.terminal, channel)
    this.#put(info)
    if (split && beside !== undefined) {
      this.#change((state) => ({ ...state, groups: splitGroup(state.groups, beside, info.terminal) }))
    }
    if (focus) this.select(info.terminal)
    else this.#change((state) => ({ ...state, active: info.terminal }))
  }

  /** Takes a terminal out of the group it is in. */
  unsplit(terminal: string): void {
    this.#change((state) => ({ ...state, groups: unsplit(state.groups, terminal) }))
  }

  /** Puts the tab of a terminal where another is. */
  move(terminal: string, target: string): void {
    this.#change((state) => ({ ...state, groups: moveTo(state.groups, terminal, target) }))
  }

  /** '' takes the name back. */
  async rename(terminal: string, name: string): Promise<void> {
    await this.#connection.request('terminal.rename', { terminal, name })
  }

  async clear(terminal: string): Promise<void> {
    await this.#connection.request('terminal.clear', { terminal })
  }

  async close(terminal: string): Promise<void> {
    await this.#connection.request('terminal.close', { terminal })
    if (this.#info(terminal)?.kind === 'shell') this.#remove(terminal)
  }

  async restartApp(): Promise<void> {
    await this.#connection.request('app.restart', {})
  }

  /** From now on `screen` draws the terminal; the returned function ends it. */
  draw(terminal: string, screen: Screen): () => void {
    this.#screens.set(terminal, screen)
    const channel = this.#channels.get(terminal)
    if (channel !== undefined) this.#receive(channel, screen)
    this.shown(terminal)
    return () => {
      if (this.#screens.get(terminal) === screen) this.#screens.delete(terminal)
    }
  }

  /** Its screen is shown or not, or has other room than before. */
  shown(terminal: string): void {
    const screen = this.#screens.get(terminal)
    const channel = this.#channels.get(terminal)
    const room = this.#visible ? screen?.room() : undefined
    if (screen && channel === undefined && room) void this.#attach(terminal, screen, room)
    if (channel === undefined) return
    const told = room
      ? this.#connection.request('terminal.resize', { channel, ...room })
      : this.#connection.request('terminal.hide', { channel })
    // Without a connection: told again by `connected`. Gone meanwhile: `terminal.closed` says so.
    told.catch(() => {})
  }

  /** The page is in the background, or in front again. */
  set visible(visible: boolean) {
    if (visible === this.#visible) return
    this.#visible = visible
    for (const terminal of this.#screens.keys()) this.shown(terminal)
  }

  /** What programs are told that ask for colours. */
  set colors(colors: TerminalColors) {
    if (JSON.stringify(colors) === JSON.stringify(this.#colors)) return
    this.#colors = colors
    this.#tellColors()
  }

  /** The next letter is sent as its control character, after which `released` is called; undefined lets go. */
  holdControl(released: (() => void) | undefined): void {
    this.#controlHeld = released
  }

  input(terminal: string, typed: Uint8Array): void {
    const bytes = this.#controlHeld ? this.#withControl(typed) : typed
    const channel = this.#channels.get(terminal)
    if (channel === undefined) return
    for (let at = 0; at < bytes.length; at += INPUT_CHUNK_BYTES) {
      this.#connection.data(channel, bytes.subarray(at, at + INPUT_CHUNK_BYTES))
    }
  }

  #withControl(typed: Uint8Array): Uint8Array {
    const [code] = typed
    if (typed.length !== 1 || code === undefined || code < 0x40 || code > 0x7e) return typed
    this.#controlHeld?.()
    this.#controlHeld = undefined
    return Uint8Array.of(code & 0x1f)
  }

  async #attach(terminal: string, screen: Screen, room: Size): Promise<void> {
    if (this.#attaching.has(terminal)) return
    this.#attaching.add(terminal)
    try {
      const { channel, ...info }: Attached = await this.#connection.request('terminal.attach', { terminal, ...room })
      this.#channels.set(terminal, channel)
      this.#put(info)
      this.#receive(channel, screen)
      const now = this.#visible ? screen.room() : undefined
      if (now?.cols !== room.cols || now.rows !== room.rows) this.shown(terminal)
    } catch {
      // Without a connection: attached again by `connected`. Gone meanwhile: `terminal.closed` says so.
    } finally {
      this.#attaching.delete(terminal)
    }
  }

  #receive(channel: number, screen: Screen): void {
    let painted = 0
    let written = 0
    this.#connection.receive(channel, (bytes) => {
      written += bytes.length
      screen.write(bytes, () => {
        painted += bytes.length
        // A flood comes in many pieces: they are reported together, unless nothing more waits.
        if (painted < written && painted < PAINTED_BYTES) return
        this.#connection.painted(channel, painted)
        written -= painted
        painted = 0
      })
    })
  }

  #screenOf(channel: number): Screen | undefined {
    for (const [terminal, one] of this.#channels) if (one === channel) return this.#screens.get(terminal)
    return undefined
  }

  #anyRoom(): Size {
    for (const screen of this.#screens.values()) {
      const room = screen.room()
      if (room) return room
    }
    return DEFAULT_SIZE
  }

  #info(terminal: string): TerminalInfo | undefined {
    return this.state.get().list.find((info) => info.terminal === terminal)
  }

  #tellColors(): void {
    if (!this.#colors) return
    const { foreground, background, cursor, palette } = this.#colors
    const colors = { foreground, background, cursor, palette: [...palette] }
    // Who may only look has nothing to say, and what a program asks meanwhile is answered with the colours before.
    this.#connection.request('terminal.colors', colors).catch(() => {})
  }

  #put(info: TerminalInfo): void {
    this.#change((state) => {
      const at = state.list.findIndex(({ terminal }) => terminal === info.terminal)
      const list = at < 0 ? [...state.list, info] : state.list.with(at, info)
      const groups =
        at < 0
          ? groupsFor(
              state.groups,
              list.map(({ terminal }) => terminal),
            )
          : state.groups
      return { ...state, list, groups, active: state.active ?? info.terminal }
    })
  }

  #remove(terminal: string): void {
    const channel = this.#channels.get(terminal)
    if (channel !== undefined) this.#connection.release(channel)
    this.#channels.delete(terminal)
    this.#screens.delete(terminal)
    if (!this.#info(terminal)) return
    this.#change((state) => {
      const list = state.list.filter((info) => info.terminal !== terminal)
      const active = state.active === terminal ? successor(state.groups, terminal) : state.active
      return {
        ...state,
        list,
        groups: groupsFor(
          state.groups,
          list.map((info) => info.terminal),
        ),
        active,
      }
    })
  }

  #change(change: (state: TerminalsState) => TerminalsState): void {
    const before = this.state.get()
    this.state.update(change)
    const { groups, active, list } = this.state.get()
    if (active !== undefined && this.rang.get().has(active)) {
      this.rang.update((rang) => new Set([...rang].filter((terminal) => terminal !== active)))
    }
    // What a page before has remembered holds until the worker has said what there is.
    if (list.length > 0 && (groups !== before.groups || active !== before.active)) this.#remember({ groups, active })
  }
}
