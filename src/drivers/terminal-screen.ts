import type { ITerminalOptions, Terminal } from '@xterm/headless'
import { CommandList } from '../core/terminal/command-list.ts'
import { harden } from '../core/terminal/hardened.ts'
import { scrollbackOf } from '../core/terminal/scrollback.ts'
import { ProgramColors, type TerminalColors } from '../core/terminal/terminal-colors.ts'
import { UnfinishedOutput } from '../core/terminal/unfinished-output.ts'
import { snapshotOf } from './terminal-snapshot.ts'
import { type Charset, GROUND, insideOf } from './xterm-inside.ts'

export interface ScreenSize {
  cols: number
  rows: number
}

export interface ScreenListeners {
  /** What the terminal types by itself, since its program asked. */
  onAnswer: (bytes: Uint8Array) => void
  /** The program has given itself a title; '' takes it back. */
  onTitle: (title: string) => void
  /** Its shell is in another folder, an absolute path. */
  onFolder: (folder: string) => void
}

export interface Snapshot extends ScreenSize {
  /** Makes any terminal of this size the same as this one. */
  bytes: Uint8Array
}

/** The emulator is loaded so long after the first output, or as soon as somebody asks or there is much to read. */
const LOAD_AFTER_MS = 300
const LOAD_AT_BYTES = 64 * 1024

type Step = (terminal: Terminal) => void

/**
 * The screen of a terminal without anybody to look at it: what its program writes is understood as a page would, the
 * program's questions are answered, and a page that comes later gets the same screen. All that is asked of it is done in
 * the order it was asked.
 */
export class TerminalScreen {
  readonly #listeners: ScreenListeners
  readonly #unfinished = new UnfinishedOutput()
  readonly #colors = new ProgramColors()
  readonly #commands = new CommandList({ mark: (offset) => this.#terminal?.registerMarker(offset) })
  #size: ScreenSize
  #terminal: Terminal | undefined
  /** What waits for the emulator. */
  #steps: Step[] = []
  #waitingBytes = 0
  #loading = false
  #timer: NodeJS.Timeout | undefined
  #disposed = false

  constructor(size: ScreenSize, listeners: ScreenListeners) {
    this.#size = size
    this.#listeners = listeners
  }

  /** `parsed` is called when the bytes have had their effect. */
  write(bytes: Uint8Array, parsed: () => void): void {
    this.#do((terminal) => {
      terminal.write(bytes, () => {
        this.#unfinished.push(bytes, insideOf(terminal)._inputHandler._parser.currentState !== GROUND)
        parsed()
      })
    })
    if (this.#terminal) return
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= LOAD_AT_BYTES) this.#load()
    else this.#timer ??= setTimeout(() => this.#load(), LOAD_AFTER_MS)
  }

  resize(size: ScreenSize): void {
    if (!this.#terminal && this.#steps.length === 0) {
      this.#size = size
      return
    }
    this.#inOrder((terminal) => {
      terminal.options.scrollback = scrollbackOf(size.cols)
      terminal.resize(size.cols, size.rows)
    })
  }

  /** Forgets all but the line of the cursor. */
  clear(): void {
    this.#inOrder((terminal) => {
      terminal.clear()
      this.#commands.cleared()
    })
  }

  /** What the page draws with, for programs that ask. */
  set colors(colors: TerminalColors) {
    this.#colors.base = colors
  }

  /** As of when all that was written before is parsed. */
  snapshot(taken: (snapshot: Snapshot) => void): void {
    this.#inOrder((terminal) => {
      const parts = {
        charsetName,
        marks: (cursor: number) => this.#commands.restoring(cursor),
        colors: this.#colors.restoring(),
      }
      const bytes = Buffer.concat([Buffer.from(snapshotOf(terminal, parts)), this.#unfinished.bytes])
      taken({ cols: terminal.cols, rows: terminal.rows, bytes })
    })
    this.#load()
  }

  /** Its lines as plain text, without what fills the alternate screen. */
  text(taken: (text: string) => void): void {
    this.#inOrder((terminal) => taken(textOf(terminal)))
    this.#load()
  }

  dispose(): void {
    this.#disposed = true
    clearTimeout(this.#timer)
    this.#steps = []
    this.#terminal?.dispose()
  }

  /** When everything before it is done. */
  #inOrder(step: Step): void {
    this.#do((terminal) => terminal.write('', () => step(terminal)))
  }

  #do(step: Step): void {
    if (this.#disposed) return
    if (this.#terminal) step(this.#terminal)
    else this.#steps.push(step)
  }

  #load(): void {
    if (this.#loading || this.#disposed) return
    this.#loading = true
    clearTimeout(this.#timer)
    void loadXterm().then((makeTerminal) => {
      if (this.#disposed) return
      const terminal = makeTerminal(this.#size)
      this.#listen(terminal)
      this.#terminal = terminal
      for (const step of this.#steps.splice(0)) step(terminal)
    })
  }

  #listen(terminal: Terminal): void {
    const { onAnswer, onTitle, onFolder } = this.#listeners
    const answer = (text: string) => onAnswer(Buffer.from(text))
    terminal.onData(answer)
    terminal.onTitleChange(onTitle)
    const { parser } = terminal
    for (const code of [4, 10, 11, 12]) {
      parser.registerOscHandler(code, (data) => {
        const answers = this.#colors.take(code, data)
        if (answers !== '') answer(answers)
        return true
      })
    }
    for (const code of [104, 110, 111, 112]) {
      parser.registerOscHandler(code, (data) => {
        this.#colors.restore(code, data)
        return true
      })
    }
    parser.registerOscHandler(7, (data) => {
      const { folder } = this.#commands
      if (this.#commands.takeFolder(data)) onFolder(this.#commands.folder ?? folder ?? '')
      return true
    })
    parser.registerOscHandler(133, (data) => {
      this.#commands.take(data)
      return true
    })
    parser.registerEscHandler({ final: 'c' }, () => {
      this.#commands.clear()
      this.#colors.reset()
      return false
    })
  }
}

export type OpenScreen = (size: ScreenSize, listeners: ScreenListeners) => TerminalScreen

export const openScreen: OpenScreen = (size, listeners) => new TerminalScreen(size, listeners)

/** As in every page: a difference here is a difference on the screen. */
export const emulatorOptions: ITerminalOptions = {
  allowProposedApi: true,
  cursorBlink: true,
  windowOptions: { getWinSizeChars: true },
  logLevel: 'off',
}

type MakeTerminal = (size: ScreenSize) => Terminal
let loaded: Promise<MakeTerminal> | undefined

/** xterm.js is large; a worker that nobody looks at starts without it. */
function loadXterm(): Promise<MakeTerminal> {
  loaded ??= Promise.all([import('@xterm/headless'), import('@xterm/addon-unicode11')]).then(
    ([headless, { Unicode11Addon }]) => {
      // As it is published Node.js sees a default export only, a bundler those with names.
      const { Terminal } = 'default' in headless ? (headless.default as typeof headless) : headless
      charsets ??= () => designated(new Terminal(emulatorOptions))
      return (size) => {
        const terminal = new Terminal({ ...emulatorOptions, ...size, scrollback: scrollbackOf(size.cols) })
        terminal.loadAddon(new Unicode11Addon())
        terminal.unicode.activeVersion = '11'
        harden(terminal, () => undefined)
        return terminal
      }
    },
  )
  return loaded
}

let charsets: (() => Map<Charset, string>) | undefined
let named: Map<Charset, string> | undefined

/** Rarely asked for: only while a program draws with another set than ASCII. */
function charsetName(charset: Charset): string {
  named ??= charsets?.()
  return named?.get(charset) ?? 'B'
}

/** The tables behind the designators, found by designating each. */
function designated(scratch: Terminal): Map<Charset, string> {
  const names = new Map<Charset, string>()
  const inside = insideOf(scratch) as ReturnType<typeof insideOf> & { writeSync(text: string): void }
  for (const name of '0AB4C5RQKYE6ZH7=') {
    inside.writeSync(`\x1b(${name}`)
    names.set(inside._charsetService.charset, name)
  }
  scratch.dispose()
  return names
}

function textOf(terminal: Terminal): string {
  const { normal } = terminal.buffer
  let text = ''
  for (let index = 0; index < normal.length; index++) {
    const isWrapped = normal.getLine(index + 1)?.isWrapped === true
    text += normal.getLine(index)?.translateToString(!isWrapped) ?? ''
    if (!isWrapped) text += '\n'
  }
  return text.replace(/\n+$/, '\n')
}
