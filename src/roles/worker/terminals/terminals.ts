import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import type { openPty } from '../../../drivers/pty.ts'
import { type Command, Terminal } from './terminal.ts'

/** Enough for any person; a page gone wrong stops here. */
const MAX_TERMINALS = 32
/** The id of the terminal of the template's own app. */
export const APP_TERMINAL = 'app'

export interface TerminalsOptions {
  openPty: typeof openPty
  shell: () => Command
  app: () => Command
  onChange: (info: TerminalInfo) => void
  onClose: (terminal: Terminal) => void
}

/** All terminals of the sandbox, whoever opened them. */
export class Terminals {
  readonly #options: TerminalsOptions
  readonly #all = new Map<string, Terminal>()
  #opened = 0
  #closing = false
  #starting: Promise<void> = Promise.resolve()

  constructor(options: TerminalsOptions) {
    this.#options = options
  }

  list(): TerminalInfo[] {
    return [...this.#all.values()].map(({ info }) => info)
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

  /** A new shell in the project's folder. */
  async open(cols: number, rows: number): Promise<Terminal> {
    if (this.#all.size >= MAX_TERMINALS) this.#forgetOneThatExited()
    this.#opened++
    const info: TerminalInfo = {
      terminal: `shell-${this.#opened}`,
      title: `Terminal ${this.#opened}`,
      cols,
      rows,
      kind: 'shell',
    }
    const terminal = this.#add(info)
    await terminal.run(this.#options.shell())
    return terminal
  }

  /** Ends a terminal with all that runs in it. The app's stays and is only ended. */
  close(id: string): void {
    const terminal = this.get(id)
    terminal.kill()
    if (id === APP_TERMINAL) return
    this.#all.delete(id)
    this.#options.onClose(terminal)
  }

  /** Starts the template's app, again if it runs; one start at a time. */
  startApp(): Promise<void> {
    this.#starting = this.#starting.catch(() => undefined).then(() => this.#startApp())
    return this.#starting
  }

  async #startApp(): Promise<void> {
    if (this.#closing) return
    const info: TerminalInfo = { terminal: APP_TERMINAL, title: 'App', cols: 80, rows: 24, kind: 'app' }
    const terminal = this.#all.get(APP_TERMINAL) ?? this.#add(info)
    await terminal.run(this.#options.app())
  }

  /** Ends everything and waits for it. */
  async closeAll(): Promise<void> {
    this.#closing = true
    for (const terminal of this.#all.values()) terminal.kill()
    await Promise.all([...this.#all.values()].map((terminal) => terminal.ended()))
  }

  #add(info: TerminalInfo): Terminal {
    const terminal = new Terminal(info, this.#options.openPty, (changed) => this.#changed(terminal, changed))
    this.#all.set(info.terminal, terminal)
    return terminal
  }

  #changed(terminal: Terminal, info: TerminalInfo): void {
    if (this.#closing || this.#all.get(info.terminal) !== terminal) return
    if (info.kind === 'app' && info.exitCode !== undefined) {
      terminal.say(`\r\n\x1b[2mThe app ended with exit code ${info.exitCode}. Start it again from the page.\x1b[0m\r\n`)
    }
    this.#options.onChange(info)
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
