import type { Attached, TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import { Store } from '../../shared/store.ts'
import type { Connection } from '../wire/connection.ts'

/** What draws a terminal: xterm.js in the page, a recorder in tests. */
export interface Screen {
  /** Characters. */
  size(): { cols: number; rows: number }
  /** Forgets everything shown, before a replay. */
  reset(): void
  /** `painted` is called when the bytes are drawn. */
  write(bytes: Uint8Array, painted: () => void): void
  /** Reports of the terminal (cursor position, ...) asked for by bytes of the past must not be sent again. */
  mute(muted: boolean): void
}

export interface TerminalsState {
  readonly list: readonly TerminalInfo[]
  readonly active: string | undefined
  /** Grows when a person wants to type in the active one. */
  readonly focus: number
}

/** A frame of input; a pasted file goes in several. */
const INPUT_CHUNK_BYTES = 64 * 1024
const DEFAULT_SIZE = { cols: 80, rows: 24 }

/** The terminals of the sandbox, and which of them this page draws over which channel. */
export class Terminals {
  readonly state = new Store<TerminalsState>({ list: [], active: undefined, focus: 0 })
  readonly #connection: Connection
  readonly #screens = new Map<string, Screen>()
  readonly #channels = new Map<string, number>()
  #focusWanted = false
  #controlHeld: (() => void) | undefined

  constructor(connection: Connection) {
    this.#connection = connection
    connection.on('terminal.changed', (info) => this.#put(info))
    connection.on('terminal.closed', ({ terminal }) => this.#remove(terminal))
  }

  /** After each (re)connect: the terminals there are, and the one shown last; those drawn here are attached again. */
  connected(list: readonly TerminalInfo[], last?: string): void {
    this.#channels.clear()
    this.state.update((state) => {
      const active = [state.active, last].find((wanted) => list.some(({ terminal }) => terminal === wanted))
      return { ...state, list, active: active ?? list[0]?.terminal }
    })
    for (const [terminal, screen] of this.#screens) {
      if (list.some((info) => info.terminal === terminal)) void this.#attach(terminal, screen)
    }
  }

  select(terminal: string): void {
    this.#focusWanted = true
    this.state.update((state) => ({ ...state, active: terminal, focus: state.focus + 1 }))
  }

  /** Whether a person wants to type in the active one; once true, then false until they ask again. */
  takeFocus(): boolean {
    const wanted = this.#focusWanted
    this.#focusWanted = false
    return wanted
  }

  /** Opens a shell and shows it, ready to type in when `focus`. Rejects with the worker's problem. */
  async openShell(focus = true): Promise<void> {
    const size = [...this.#screens.values()][0]?.size() ?? DEFAULT_SIZE
    const info = infoOf(await this.#connection.request('terminal.open', size), this.#channels)
    this.#put(info)
    if (focus) this.select(info.terminal)
    else this.state.update((state) => ({ ...state, active: info.terminal }))
  }

  async close(terminal: string): Promise<void> {
    await this.#connection.request('terminal.close', { terminal })
    this.#remove(terminal)
  }

  async restartApp(): Promise<void> {
    await this.#connection.request('app.restart', {})
  }

  /** From now on `screen` draws the terminal; the returned function ends it. */
  draw(terminal: string, screen: Screen): () => void {
    this.#screens.set(terminal, screen)
    const channel = this.#channels.get(terminal)
    if (channel === undefined) void this.#attach(terminal, screen)
    else {
      this.#receive(channel, screen)
      this.resized(terminal)
    }
    return () => {
      if (this.#screens.get(terminal) === screen) this.#screens.delete(terminal)
    }
  }

  /** Tells the terminal's process the size its screen has now. */
  resized(terminal: string): void {
    const channel = this.#channels.get(terminal)
    const size = this.#screens.get(terminal)?.size()
    if (channel === undefined || !size) return
    this.#connection.request('terminal.resize', { channel, ...size }).catch(() => {})
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

  async #attach(terminal: string, screen: Screen): Promise<void> {
    try {
      const attached = await this.#connection.request('terminal.attach', { terminal, ...screen.size() })
      this.#put(infoOf(attached, this.#channels))
      screen.reset()
      this.#receive(attached.channel, screen, attached.replay)
      this.resized(terminal)
    } catch {
      // Without a connection: attached again by `connected`. Gone meanwhile: `terminal.closed` says so.
    }
  }

  /** The first `replay` bytes are of the past: drawn, but not answered. */
  #receive(channel: number, screen: Screen, replay = 0): void {
    let past = replay
    const draw = (bytes: Uint8Array) => screen.write(bytes, () => this.#connection.painted(channel, bytes.length))
    this.#connection.receive(channel, (bytes) => {
      if (past === 0) return draw(bytes)
      const old = bytes.subarray(0, past)
      past -= old.length
      screen.mute(true)
      draw(old)
      if (past > 0) return
      screen.write(new Uint8Array(), () => screen.mute(false))
      if (old.length < bytes.length) draw(bytes.subarray(old.length))
    })
  }

  #put(info: TerminalInfo): void {
    this.state.update(({ list, active, focus }) => {
      const at = list.findIndex(({ terminal }) => terminal === info.terminal)
      return { focus, list: at < 0 ? [...list, info] : list.with(at, info), active: active ?? info.terminal }
    })
  }

  #remove(terminal: string): void {
    const channel = this.#channels.get(terminal)
    if (channel !== undefined) this.#connection.release(channel)
    this.#channels.delete(terminal)
    this.#screens.delete(terminal)
    this.state.update((state) => {
      const { list, active } = state
      const at = list.findIndex((info) => info.terminal === terminal)
      if (at < 0) return state
      const rest = list.toSpliced(at, 1)
      return { ...state, list: rest, active: active === terminal ? (rest[at] ?? rest[at - 1])?.terminal : active }
    })
  }
}

function infoOf({ channel, replay: _, ...info }: Attached, channels: Map<string, number>): TerminalInfo {
  channels.set(info.terminal, channel)
  return info
}
