import { ModeTracker, withoutQuestions } from '../../../core/replay.ts'
import { Ring } from '../../../core/ring.ts'
import { HIGH_WATER_BYTES, LOW_WATER_BYTES, type TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import type { openPty, Pty } from '../../../drivers/pty.ts'

/** What a terminal shows again after a reload. */
const RING_BYTES = 256 * 1024
/** Output that follows its predecessor this closely is gathered: a flood becomes few frames, an echo waits for nothing. */
const GATHER_MS = 2
const GATHER_BYTES = 64 * 1024
/** A viewer this far behind the fastest one gets no more until it has caught up, and then the whole screen anew. */
const LEFT_BEHIND_BYTES = 4 * HIGH_WATER_BYTES
/** Full reset (RIS), before a screen is shown anew. */
const RESET = '\x1bc'

export interface Command {
  command: string[]
  cwd: string
  env: Record<string, string>
}

/** One page's look at a terminal. */
export interface View {
  /** What was there before, to be shown first. */
  replay: Uint8Array
  /** The page has drawn so many more bytes. */
  painted(bytes: number): void
  /** Its connection came back or went; a page that is away holds nobody up. */
  present(is: boolean): void
  detach(): void
}

interface Viewer {
  deliver: (bytes: Uint8Array) => void
  /** Sent and not yet drawn. */
  unpainted: number
  leftBehind: boolean
  present: boolean
}

/**
 * A terminal that outlives its pages: its program runs on, its last output is kept, and any number of pages may look.
 *
 * Flow control: drawn bytes are reported back. The program is paused only when every page has more than HIGH_WATER_BYTES
 * to draw, and goes on when one is below LOW_WATER_BYTES; so the fastest page sets the pace and a dead one stops nobody.
 */
export class Terminal {
  readonly #open: typeof openPty
  readonly #onChange: (info: TerminalInfo) => void
  readonly #ring = new Ring(RING_BYTES)
  readonly #modes = new ModeTracker()
  readonly #viewers = new Set<Viewer>()
  #info: TerminalInfo
  #pty: Pty | undefined
  #ended: Promise<void> = Promise.resolve()
  #paused = false
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #gathering: NodeJS.Timeout | undefined

  constructor(info: TerminalInfo, open: typeof openPty, onChange: (info: TerminalInfo) => void) {
    this.#info = info
    this.#open = open
    this.#onChange = onChange
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

  /** Starts a command; one that runs still is ended first. */
  async run({ command, cwd, env }: Command): Promise<void> {
    this.kill()
    await this.#ended
    const { exitCode: _before, ...info } = this.#info
    this.#info = info
    const { cols, rows } = info
    this.#ended = new Promise((resolve) => {
      const onExit = (exitCode: number) => {
        this.#pty = undefined
        this.#paused = false
        this.#flush()
        this.#info = { ...this.#info, exitCode }
        this.#onChange(this.#info)
        resolve()
      }
      this.#pty = this.#open({ command, cwd, env, cols, rows }, { onData: (chunk) => this.#output(chunk), onExit })
    })
    this.#onChange(this.#info)
  }

  /** Says something to whoever looks, as if the program had. */
  say(text: string): void {
    this.#output(new TextEncoder().encode(text))
  }

  /** Output from now on goes to `deliver`. */
  attach(deliver: (bytes: Uint8Array) => void): View {
    this.#flush()
    const replay = this.#replay()
    const viewer: Viewer = { deliver, unpainted: replay.length, leftBehind: false, present: true }
    this.#viewers.add(viewer)
    this.#pace()
    return {
      replay,
      painted: (bytes) => this.#painted(viewer, bytes),
      present: (is) => {
        viewer.present = is
        this.#pace()
      },
      detach: () => {
        this.#viewers.delete(viewer)
        this.#pace()
      },
    }
  }

  /** Never waits for output: that is how an interrupt gets through a flood. */
  input(bytes: Uint8Array): void {
    this.#pty?.write(bytes)
  }

  resize(cols: number, rows: number): void {
    if (cols === this.#info.cols && rows === this.#info.rows) return
    this.#info = { ...this.#info, cols, rows }
    this.#pty?.resize(cols, rows)
    this.#onChange(this.#info)
  }

  /** Ends the program and all it started. */
  kill(): void {
    this.#pty?.kill()
  }

  /** Resolves when no program runs any more. */
  ended(): Promise<void> {
    return this.#ended
  }

  /** The output kept, as bytes. */
  output(): Uint8Array {
    return this.#ring.contents()
  }

  #replay(): Uint8Array {
    const kept = this.#ring.contents()
    const text = withoutQuestions(binary(kept))
    const lost = this.#ring.total > kept.length
    return Buffer.from(lost ? this.#modes.restore() + text : text, 'latin1')
  }

  #output(chunk: Uint8Array): void {
    this.#ring.push(chunk)
    this.#modes.push(binary(chunk))
    this.#gathered.push(chunk)
    this.#gatheredBytes += chunk.length
    if (this.#gathering && this.#gatheredBytes < GATHER_BYTES) return
    this.#flush()
    this.#gathering ??= setTimeout(() => this.#gatheredLongEnough(), GATHER_MS)
  }

  #gatheredLongEnough(): void {
    this.#gathering = undefined
    if (this.#gatheredBytes === 0) return
    this.#flush()
    this.#gathering = setTimeout(() => this.#gatheredLongEnough(), GATHER_MS)
  }

  #flush(): void {
    if (this.#gatheredBytes === 0) return
    const bytes = this.#gathered.length === 1 && this.#gathered[0] ? this.#gathered[0] : Buffer.concat(this.#gathered)
    this.#gathered = []
    this.#gatheredBytes = 0
    for (const viewer of this.#viewers) {
      if (viewer.leftBehind) continue
      viewer.unpainted += bytes.length
      if (viewer.unpainted > LEFT_BEHIND_BYTES) viewer.leftBehind = true
      viewer.deliver(bytes)
    }
    this.#pace()
  }

  #painted(viewer: Viewer, bytes: number): void {
    viewer.unpainted = Math.max(0, viewer.unpainted - bytes)
    if (viewer.leftBehind && viewer.unpainted <= LOW_WATER_BYTES) {
      this.#flush()
      viewer.leftBehind = false
      const anew = Buffer.concat([Buffer.from(RESET), this.#replay()])
      viewer.unpainted += anew.length
      viewer.deliver(anew)
    }
    this.#pace()
  }

  /** Pauses or goes on, by the viewer that has least to draw. */
  #pace(): void {
    if (!this.#pty) return
    const looking = [...this.#viewers].filter(({ present }) => present)
    const least = Math.min(...looking.map(({ unpainted }) => unpainted))
    if (!this.#paused && looking.length > 0 && least > HIGH_WATER_BYTES) {
      this.#paused = true
      this.#pty.pause()
    } else if (this.#paused && (looking.length === 0 || least <= LOW_WATER_BYTES)) {
      this.#paused = false
      this.#pty.resume()
    }
  }
}

function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
