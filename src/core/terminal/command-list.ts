/** A line of a terminal's buffer that moves with its text; xterm.js calls it a marker. */
export interface Place {
  readonly line: number
  readonly isDisposed: boolean
  dispose(): void
}

/**
 * prompt   it can be typed
 * running  it has begun
 * done     it has ended, with `exitCode` when the shell said so
 */
export interface Command<P extends Place = Place> {
  readonly place: P
  phase: 'prompt' | 'running' | 'done'
  exitCode?: number
  /** Absolute path the shell was in. */
  folder?: string
}

export interface CommandListOptions<P extends Place> {
  /** Marks the line so many below the cursor's; undefined where nothing can be marked (the alternate screen). */
  mark: (offset: number) => P | undefined
  changed?: (command: Command<P>) => void
}

/** Each mark is moved with every line that scrolls out, so there cannot be too many. */
const MAX_COMMANDS = 500

/**
 * The commands of a terminal, as its shell tells of them (OSC 133: A a prompt begins, B what is typed begins, C it runs,
 * D it has ended) and the folder the shell is in (OSC 7). Both ends keep one: the worker's outlives the page's.
 */
export class CommandList<P extends Place> {
  readonly #options: CommandListOptions<P>
  #commands: Command<P>[] = []
  #folder: string | undefined

  constructor(options: CommandListOptions<P>) {
    this.#options = options
  }

  /** Those whose line is still there, oldest first. */
  get all(): readonly Command<P>[] {
    if (this.#commands.some(({ place }) => place.isDisposed)) {
      this.#commands = this.#commands.filter(({ place }) => !place.isDisposed)
    }
    return this.#commands
  }

  /** The shell's folder, an absolute path. */
  get folder(): string | undefined {
    return this.#folder
  }

  /** Takes OSC 7; true when the folder is another one now. */
  takeFolder(data: string): boolean {
    const folder = folderOf(data)
    if (folder === undefined || folder === this.#folder) return false
    this.#folder = folder
    return true
  }

  /** Takes OSC 133. */
  take(data: string): void {
    const [kind, ...rest] = data.split(';')
    const last = this.#commands.at(-1)
    if (kind === 'A') this.#add(0, { phase: 'prompt', ...(this.#folder === undefined ? {} : { folder: this.#folder }) })
    else if (kind === 'C' && last?.phase === 'prompt') this.#change(last, 'running')
    else if (kind === 'D' && last && last.phase !== 'done') this.#change(last, 'done', exitCodeOf(rest[0]))
    else if (kind === 'M') this.#restore(rest)
  }

  /** Says the same again to a list that has none, `cursor` being the line its cursor will be on. */
  restoring(cursor: number): string {
    const folder = this.#folder === undefined ? '' : `\x1b]7;${folderReport(this.#folder)}\x1b\\`
    const marks = this.all.map(({ place, phase, exitCode, folder: at }) => {
      const exit = exitCode === undefined ? '' : String(exitCode)
      return `\x1b]133;M;${place.line - cursor};${phase};${exit};${encodeURIComponent(at ?? '')}\x1b\\`
    })
    return [...marks, folder].join('')
  }

  /** The screen was reset. */
  clear(): void {
    for (const { place } of this.#commands) place.dispose()
    this.#commands = []
  }

  /** All lines but the cursor's were forgotten, and their marks: a prompt that waits is on that line. */
  cleared(): void {
    const last = this.#commands.at(-1)
    this.clear()
    if (last?.phase !== 'prompt') return
    const { place: _, ...prompt } = last
    this.#add(0, prompt)
  }

  #add(offset: number, command: Omit<Command<P>, 'place'>): void {
    const before = this.#commands.at(-1)
    // A prompt drawn again on its line is the same one.
    if (before?.phase === 'prompt' && command.phase === 'prompt') this.#commands.pop()?.place.dispose()
    const place = this.#options.mark(offset)
    if (!place) return
    const added: Command<P> = { place, ...command }
    this.#commands.push(added)
    if (this.#commands.length > MAX_COMMANDS) this.#commands.shift()?.place.dispose()
    this.#options.changed?.(added)
  }

  #change(command: Command<P>, phase: Command['phase'], exitCode?: number): void {
    command.phase = phase
    if (exitCode !== undefined) command.exitCode = exitCode
    if (!command.place.isDisposed) this.#options.changed?.(command)
  }

  #restore([offset, phase, exit, folder = '']: string[]): void {
    if (!/^-?\d{1,6}$/.test(offset ?? '') || (phase !== 'prompt' && phase !== 'running' && phase !== 'done')) return
    const exitCode = exitCodeOf(exit)
    this.#add(Number(offset), {
      phase,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(folder === '' ? {} : { folder: decoded(folder) }),
    })
  }
}

function exitCodeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined
}

/** The path in `file://HOST/PATH`; undefined when it is none. The host is not looked at: there is one machine only. */
function folderOf(report: string): string | undefined {
  const path = /^file:\/\/[^/]*(\/.*)$/.exec(report)?.[1]
  if (path === undefined || path.length > 4096) return undefined
  return decoded(path)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // A shell that escapes nothing.
    return path
  }
}

function folderReport(folder: string): string {
  return `file://${folder.split('/').map(encodeURIComponent).join('/')}`
}
