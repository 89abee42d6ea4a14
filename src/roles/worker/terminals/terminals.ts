import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { TerminalColors } from '../../../core/terminal/terminal-colors.ts'
import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import type { openPty } from '../../../drivers/pty.ts'
import type { TerminalRecords } from '../../../drivers/terminal-records.ts'
import type { OpenScreen, ScreenSize } from '../../../drivers/terminal-screen.ts'
import { type Command, Terminal } from './terminal.ts'

/** Enough for any person; a page gone wrong stops here. */
const MAX_TERMINALS = 32
/** The id of the terminal of the template's own app. */
export const APP_TERMINAL = 'app'
/** For the screens to be read to their end when the worker stops. */
const LAST_LOOK_MS = 2_000

export interface TerminalsOptions {
  openPty: typeof openPty
  openScreen: OpenScreen
  records: TerminalRecords
  /** The project's folder, an absolute path. */
  folder: string
  /** A shell that begins in this folder, if it is one. */
  shell: (folder: string) => Command
  app: () => Command
  onChange: (info: TerminalInfo) => void
  onClose: (terminal: Terminal) => void
}

/** All terminals of the sandbox, whoever opened them. */
export class Terminals {
  readonly #options: TerminalsOptions
  readonly #all = new Map<string, Terminal>()
  #colors: TerminalColors | undefined
  #appSize: ScreenSize = { cols: 80, rows: 24 }
  #opened = 0
  #closing = false
  readonly #working = new Set<Terminal>()
  #starting: Promise<void> = Promise.resolve()
  #kept = ''

  /** Those of the last start are there again, each with a new shell as soon as somebody looks. */
  constructor(options: TerminalsOptions) {
    this.#options = options
    for (const kept of options.records.list()) {
      this.#opened = Math.max(this.#opened, Number(/\d+$/.exec(kept.terminal)?.[0] ?? 0))
      if (kept.terminal === APP_TERMINAL) this.#appSize = { cols: kept.cols, rows: kept.rows }
      else this.#restore(this.#add({ ...kept, program: '', kind: 'shell' }))
    }
  }

  /** The app's first. */
  list(): TerminalInfo[] {
    const all = [...this.#all.values()].map(({ info }) => info)
    return [...all.filter(({ kind }) => kind === 'app'), ...all.filter(({ kind }) => kind !== 'app')]
  }

  /** The terminal that a session of processes belongs to, by the process id of its leader. */
  ofSession(session: number): string | undefined {
    return [...this.#all.values()].find(({ pid }) => pid === session)?.info.terminal
  }

  get(id: string): Terminal {
    const terminal = this.#all.get(id)
    if (terminal) return terminal
    throw new OmegaError('NOT_FOUND', `There is no terminal ${quote(id)} any more. Open a new one.`)
  }

  /** As `get`; one of an earlier start gets its new shell. */
  async awake(id: string): Promise<Terminal> {
    const terminal = this.get(id)
    if (!terminal.started && terminal.info.kind === 'shell') await this.#runShell(terminal)
    return terminal
  }

  /** A new shell, in the folder of another terminal's or in the project's. */
  async open({ cols, rows }: ScreenSize, beside?: string): Promise<Terminal> {
    if (this.#all.size >= MAX_TERMINALS) this.#forgetOneThatExited()
    this.#opened++
    const folder = this.#all.get(beside ?? '')?.info.folder ?? this.#options.folder
    const terminal = this.#add({ terminal: `shell-${this.#opened}`, program: '', folder, cols, rows, kind: 'shell' })
    await this.#runShell(terminal)
    return terminal
  }

  /** A terminal of this name for commands of our own, which the caller runs one after another until `endWork`. */
  openWork(name: string): Terminal {
    this.#opened++
    const { folder } = this.#options
    const place = { terminal: `shell-${this.#opened}`, name, folder, ...this.#appSize }
    const terminal = this.#add({ ...place, program: '', kind: 'shell' })
    this.#working.add(terminal)
    return terminal
  }

  /** From now on it is a shell like others. */
  async endWork(terminal: Terminal): Promise<void> {
    this.#working.delete(terminal)
    if (!this.#closing && this.#all.get(terminal.info.terminal) === terminal) await this.#runShell(terminal)
  }

  /** Ends the app, until `startApp`. */
  stopApp(): void {
    this.#all.get(APP_TERMINAL)?.kill()
  }

  /** Ends a terminal with all that runs in it. The app's stays and is only ended. */
  close(id: string): void {
    const terminal = this.get(id)
    terminal.kill()
    if (id === APP_TERMINAL) return
    this.#all.delete(id)
    this.#options.records.forgetScreen(id)
    this.#keep()
    this.#options.onClose(terminal)
    void terminal.ended().then(() => terminal.dispose())
  }

  /** What programs are told when they ask for colours. */
  set colors(colors: TerminalColors) {
    this.#colors = colors
    for (const terminal of this.#all.values()) terminal.colors = colors
  }

  /** Starts the template's app, again if it runs; one start at a time. */
  startApp(): Promise<void> {
    this.#starting = this.#starting.catch(() => undefined).then(() => this.#startApp())
    return this.#starting
  }

  /** Ends everything and waits for it; what is on the screens is kept for the next start. */
  async closeAll(): Promise<void> {
    this.#closing = true
    const { records } = this.#options
    const late = new Promise<void>((resolve) => setTimeout(resolve, LAST_LOOK_MS).unref())
    const keeps = [...this.#all.values()].map(async (terminal) => {
      if (!terminal.started) return
      const { bytes } = await new Promise<{ bytes: Uint8Array }>((resolve) => terminal.snapshot(resolve))
      records.keepScreen(terminal.info.terminal, bytes)
    })
    await Promise.race([Promise.all(keeps), late])
    for (const terminal of this.#all.values()) terminal.kill()
    await Promise.all([...this.#all.values()].map((terminal) => terminal.ended()))
    for (const terminal of this.#all.values()) terminal.dispose()
  }

  async #startApp(): Promise<void> {
    if (this.#closing) return
    const { app, folder } = this.#options
    let terminal = this.#all.get(APP_TERMINAL)
    if (!terminal) {
      terminal = this.#add({ terminal: APP_TERMINAL, program: '', folder, ...this.#appSize, kind: 'app' })
      if (this.#options.records.screen(APP_TERMINAL)) this.#restore(terminal)
    }
    this.#options.records.forgetScreen(APP_TERMINAL)
    await terminal.run(app())
  }

  async #runShell(terminal: Terminal): Promise<void> {
    this.#options.records.forgetScreen(terminal.info.terminal)
    await terminal.run(this.#options.shell(terminal.info.folder))
  }

  /** Says what has become of what a person had here. */
  #restore(terminal: Terminal): void {
    const screen = this.#options.records.screen(terminal.info.terminal)
    if (screen) {
      terminal.restore(screen)
      terminal.say(remark('The sandbox restarted. What ran here has ended; this is what was on the screen.'))
    } else {
      terminal.say(remark('The sandbox restarted. What ran here has ended, and what was on the screen is lost.'))
    }
  }

  #add(info: TerminalInfo): Terminal {
    const { openPty, openScreen } = this.#options
    const terminal: Terminal = new Terminal(info, {
      openPty,
      openScreen,
      onChange: (changed) => this.#changed(terminal, changed),
      onEnd: (exitCode) => this.#ended(terminal, exitCode),
      onEnterAfterEnd: () => void this.#again(terminal),
    })
    if (this.#colors) terminal.colors = this.#colors
    this.#all.set(info.terminal, terminal)
    return terminal
  }

  async #again(terminal: Terminal): Promise<void> {
    if (this.#working.has(terminal)) return
    return terminal.info.kind === 'app' ? this.startApp() : this.#runShell(terminal)
  }

  #changed(terminal: Terminal, info: TerminalInfo): void {
    if (this.#closing || this.#all.get(info.terminal) !== terminal) return
    this.#keep()
    this.#options.onChange(info)
  }

  #ended(terminal: Terminal, exitCode: number): void {
    const { terminal: id, kind } = terminal.info
    if (this.#closing || this.#all.get(id) !== terminal || this.#working.has(terminal)) return
    // A person left their shell.
    if (kind === 'shell' && exitCode === 0) {
      this.close(id)
      return
    }
    const [what, again] =
      kind === 'app' ? ['The app', 'Press Enter to start it again.'] : ['The shell', 'Press Enter for a new one.']
    terminal.say(remark(`${what} ended with exit code ${exitCode}. ${again}`))
  }

  #keep(): void {
    const kept = this.list().map(({ terminal, name, folder, cols, rows }) => ({
      ...{ terminal, folder, cols, rows },
      ...(name === undefined ? {} : { name }),
    }))
    const text = JSON.stringify(kept)
    if (text !== this.#kept) this.#options.records.keep(kept)
    this.#kept = text
  }

  #forgetOneThatExited(): void {
    const exited = [...this.#all].find(([id, terminal]) => id !== APP_TERMINAL && terminal.exited)
    if (!exited) {
      throw new OmegaError(
        'TOO_MANY_REQUESTS',
        `There are ${this.#all.size} terminals; at most ${MAX_TERMINALS} may be open. Close one first.`,
      )
    }
    this.close(exited[0])
  }
}

/** A line of omega's own among what programs write. */
function remark(text: string): string {
  return `\r\n\x1b[2m${text}\x1b[0m\r\n`
}
