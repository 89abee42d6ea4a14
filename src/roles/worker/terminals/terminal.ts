import type { TerminalColors } from '../../../core/terminal/terminal-colors.ts'
import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import type { openPty, Pty } from '../../../drivers/pty.ts'
import type { OpenScreen, ScreenSize, Snapshot, TerminalScreen } from '../../../drivers/terminal-screen.ts'
import { type View, type Viewer, Viewers } from './viewers.ts'

/** Output that follows its predecessor this closely is gathered: a flood becomes few frames, an echo waits for nothing. */
const GATHER_MS = 2
/** For a flood, whose every piece costs both sides the same however small it is: half a frame of a screen. */
const GATHER_FLOOD_MS = 8
const FLOOD_BYTES = 2 * 1024
const GATHER_BYTES = 64 * 1024
/** So long after output it is looked up what runs now. */
const PROGRAM_AFTER_MS = 150
/** Longer names and titles are cut. */
const MAX_TITLE_CHARS = 200
/**
 * A screen fit for another program: the normal one with the cursor where it was before the alternate one, no modes, no
 * mouse, no colours of its own.
 */
const AFTER_PROGRAM =
  '\x1b[?1049h\x1b[?1049l\x1b[!p\x1b[?1000;1006l\x1b[?12h\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07\x1b]2;\x07\x1b[m'

export interface Command {
  command: string[]
  cwd: string
  env: Record<string, string>
}

export interface TerminalOptions {
  openPty: typeof openPty
  openScreen: OpenScreen
  onChange: (info: TerminalInfo) => void
  /** Its program has ended. */
  onEnd: (exitCode: number) => void
  /** Enter was pressed after that. */
  onEnterAfterEnd: () => void
}

/** A terminal that outlives its pages: its program runs on, its screen is kept, and any number of pages may look. */
export class Terminal {
  readonly #options: TerminalOptions
  readonly #screen: TerminalScreen
  readonly #viewers: Viewers
  readonly #followers = new Set<(bytes: Uint8Array) => void>()
  #info: TerminalInfo
  #pty: Pty | undefined
  #ended: Promise<void> = Promise.resolve()
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #gathering: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined

  constructor(info: TerminalInfo, options: TerminalOptions) {
    this.#info = info
    this.#options = options
    this.#screen = options.openScreen(info, {
      onAnswer: (bytes) => this.#typed(bytes),
      onTitle: (title) => this.#titled(title),
      onFolder: (folder) => this.#change({ folder }),
    })
    this.#viewers = new Viewers({
      flush: () => this.#flush(),
      snapshot: (taken) => this.#screen.snapshot(taken),
      pause: () => this.#pty?.pause(),
      resume: () => this.#pty?.resume(),
      fit: (size) => this.#fit(size),
    })
  }

  get info(): TerminalInfo {
    return this.#info
  }

  get exited(): boolean {
    return this.#info.exitCode !== undefined
  }

  /** Of the leader of its session, while its program runs. */
  get pid(): number | undefined {
    return this.#pty?.pid
  }

  /** Whether it shows a program, or one that has ended; not so before the first. */
  get started(): boolean {
    return this.#pty !== undefined || this.exited
  }

  /** Starts a command; one that runs still is ended first. */
  async run({ command, cwd, env }: Command): Promise<void> {
    this.kill()
    await this.#ended
    const { exitCode: _before, ...info } = this.#info
    this.#info = { ...info, folder: cwd }
    const { cols, rows } = info
    this.#viewers.restarted()
    this.#ended = new Promise((resolve) => {
      const onExit = (exitCode: number) => {
        this.#pty = undefined
        clearTimeout(this.#looking)
        this.#looking = undefined
        this.say(AFTER_PROGRAM)
        this.#flush()
        this.#change({ exitCode, program: '' })
        this.#options.onEnd(exitCode)
        resolve()
      }
      const pty = this.#options.openPty(
        { command, cwd, env, cols, rows },
        { onData: (chunk) => this.#output(chunk), onExit },
      )
      this.#pty = pty
    })
    this.#lookLater()
    this.#options.onChange(this.#info)
  }

  /** Says something to whoever looks, as if the program had. */
  say(text: string): void {
    this.#output(Buffer.from(text))
  }

  /** Shows what a terminal had before this one took its place. */
  restore(bytes: Uint8Array): void {
    this.#output(bytes)
    this.say(AFTER_PROGRAM)
  }

  /** `room` counts for the size of all when `counts`. */
  attach(viewer: Viewer, room: ScreenSize, counts: boolean): View {
    return this.#viewers.add(viewer, room, counts)
  }

  /** Never waits for output: that is how an interrupt gets through a flood. */
  input(bytes: Uint8Array): void {
    if (this.#pty) this.#pty.write(bytes)
    else if (this.exited && bytes.includes(0x0d)) this.#options.onEnterAfterEnd()
  }

  rename(name: string): void {
    const { name: _before, ...info } = this.#info
    this.#info = name === '' ? info : { ...info, name }
    this.#options.onChange(this.#info)
  }

  clear(): void {
    this.#flush()
    this.#screen.clear()
    this.#viewers.cleared()
  }

  set colors(colors: TerminalColors) {
    this.#screen.colors = colors
  }

  /** Ends the program and all it started. */
  kill(): void {
    this.#pty?.kill()
  }

  /** Resolves when no program runs any more. */
  ended(): Promise<void> {
    return this.#ended
  }

  /** As of when all that has come is on the screen. */
  snapshot(taken: (snapshot: Snapshot) => void): void {
    this.#flush()
    this.#screen.snapshot(taken)
  }

  /** All its lines as plain text. */
  text(): Promise<string> {
    this.#flush()
    return new Promise((resolve) => this.#screen.text(resolve))
  }

  /**
   * All its lines as plain text, once, and then its output as it comes, nothing twice and nothing missed, until the
   * returned function is called. Who follows holds up nobody.
   */
  follow(onText: (text: string) => void, onOutput: (bytes: Uint8Array) => void): () => void {
    this.#flush()
    let early: Uint8Array[] | undefined = []
    const follower = (bytes: Uint8Array) => {
      if (early) early.push(bytes)
      else onOutput(bytes)
    }
    this.#followers.add(follower)
    this.#screen.text((text) => {
      if (!this.#followers.has(follower)) return
      onText(text)
      for (const bytes of early ?? []) onOutput(bytes)
      early = undefined
    })
    return () => void this.#followers.delete(follower)
  }

  /** It is not shown any more, and nothing of it is needed. */
  dispose(): void {
    clearTimeout(this.#gathering)
    clearTimeout(this.#looking)
    this.#screen.dispose()
  }

  #typed(bytes: Uint8Array): void {
    try {
      this.#pty?.write(bytes)
    } catch {
      // It asks and does not read the answers.
    }
  }

  #fit({ cols, rows }: ScreenSize): void {
    if (cols === this.#info.cols && rows === this.#info.rows) return
    this.#flush()
    this.#screen.resize({ cols, rows })
    this.#viewers.resized({ cols, rows })
    this.#pty?.resize(cols, rows)
    this.#change({ cols, rows })
  }

  #output(chunk: Uint8Array): void {
    this.#gathered.push(chunk)
    this.#gatheredBytes += chunk.length
    if (this.#gathering && this.#gatheredBytes < GATHER_BYTES) return
    this.#flush()
    this.#gathering ??= setTimeout(() => this.#gatheredLongEnough(), GATHER_MS)
  }

  #gatheredLongEnough(): void {
    this.#gathering = undefined
    if (this.#gatheredBytes === 0) return
    const wait = this.#gatheredBytes < FLOOD_BYTES ? GATHER_MS : GATHER_FLOOD_MS
    this.#flush()
    this.#gathering = setTimeout(() => this.#gatheredLongEnough(), wait)
  }

  #flush(): void {
    if (this.#gatheredBytes === 0) return
    const bytes = this.#gathered.length === 1 && this.#gathered[0] ? this.#gathered[0] : Buffer.concat(this.#gathered)
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#viewers.deliver(bytes)
    for (const follower of this.#followers) follower(bytes)
    this.#screen.write(bytes, () => this.#viewers.parsed(bytes.length))
    this.#lookLater()
  }

  /** What runs is looked up after output: a program that begins or ends makes some, if only an echo or a prompt. */
  #lookLater(): void {
    if (this.#pty) this.#looking ??= setTimeout(() => this.#look(), PROGRAM_AFTER_MS)
  }

  #look(): void {
    this.#looking = undefined
    this.#change({ program: this.#pty?.program() ?? '' })
  }

  #titled(title: string): void {
    const { title: _before, ...info } = this.#info
    if (title === '') this.#replace(info)
    else this.#change({ title: title.slice(0, MAX_TITLE_CHARS) })
  }

  #change(change: Partial<TerminalInfo>): void {
    this.#replace({ ...this.#info, ...change })
  }

  #replace(info: TerminalInfo): void {
    const isSame = JSON.stringify(info) === JSON.stringify(this.#info)
    this.#info = info
    if (!isSame) this.#options.onChange(info)
  }
}
