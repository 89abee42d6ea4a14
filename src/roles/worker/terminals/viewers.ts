import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from '../../../core/wire/operations/terminals.ts'
import type { ScreenSize, Snapshot } from '../../../drivers/terminal-screen.ts'

/** What a page is told of a terminal, in this order. */
export interface Viewer {
  data(bytes: Uint8Array): void
  /** What comes next is for a screen of this size. */
  resized(size: ScreenSize): void
  cleared(): void
}

/** One page's look at a terminal. */
export interface View {
  /** Sends the screen as it is, then what is new. */
  begin(): void
  /** The page has drawn so many more bytes. */
  painted(bytes: number): void
  /** The room the page has for it; undefined when it does not show it. */
  show(room: ScreenSize | undefined): void
  /** Its connection came back or went. */
  present(is: boolean): void
  detach(): void
}

export interface ViewersOptions {
  /** Delivers what has come and waits for more. */
  flush: () => void
  /** The screen as of when all that was delivered before is on it. */
  snapshot: (taken: (snapshot: Snapshot) => void) => void
  pause: () => void
  resume: () => void
  /** The most that all pages who show it have room for. */
  fit: (size: ScreenSize) => void
}

/** A page this far behind gets no more until it has caught up, and then the whole screen anew. */
const LEFT_BEHIND_BYTES = 4 * HIGH_WATER_BYTES
/** One that does not show the terminal is left behind earlier: what it would draw, nobody sees. */
const LEFT_BEHIND_HIDDEN_BYTES = HIGH_WATER_BYTES
/** A frame of a snapshot; far below what a message may hold, so that others come between. */
const SNAPSHOT_PIECE_BYTES = 256 * 1024

interface Looker {
  viewer: Viewer
  /** Sent and not yet drawn. */
  unpainted: number
  /** streaming: gets what is new; behind: gets nothing; waiting: a snapshot is being taken, what is new waits for it. */
  state: 'streaming' | 'behind' | 'waiting'
  waiting: (() => void)[]
  room: ScreenSize | undefined
  present: boolean
  /** Whether its room limits the size for all, and what it has not drawn the pace. */
  counts: boolean
}

/**
 * All who look at a terminal, the worker's own screen among them.
 *
 * Flow control: drawn bytes are reported back. The program is paused while every page that shows it has more than
 * HIGH_WATER_BYTES to draw, or the worker's screen to read, and goes on when they have less than LOW_WATER_BYTES. So the
 * fastest page sets the pace, and one that is away, hidden or dead stops nobody.
 */
export class Viewers {
  readonly #options: ViewersOptions
  readonly #lookers = new Set<Looker>()
  #unparsed = 0
  #paused = false

  constructor(options: ViewersOptions) {
    this.#options = options
  }

  /** `counts`: whether its room limits the size of the terminal for all, and what it has not drawn the pace. */
  add(viewer: Viewer, room: ScreenSize, counts: boolean): View {
    const looker: Looker = { viewer, unpainted: 0, state: 'behind', waiting: [], room, present: true, counts }
    this.#lookers.add(looker)
    this.#fit()
    return {
      begin: () => this.#catchUp(looker),
      painted: (bytes) => {
        looker.unpainted = Math.max(0, looker.unpainted - bytes)
        this.#catchUp(looker)
        this.#pace()
      },
      show: (wanted) => {
        looker.room = wanted
        this.#changed(looker)
      },
      present: (is) => {
        looker.present = is
        this.#changed(looker)
      },
      detach: () => {
        this.#lookers.delete(looker)
        this.#fit()
        this.#pace()
      },
    }
  }

  /** New output; `parsed` of it must be called when the screen has read it. */
  deliver(bytes: Uint8Array): void {
    this.#unparsed += bytes.length
    for (const looker of this.#lookers) this.#tell(looker, () => this.#send(looker, bytes))
    this.#pace()
  }

  parsed(bytes: number): void {
    this.#unparsed -= bytes
    this.#pace()
  }

  resized(size: ScreenSize): void {
    for (const looker of this.#lookers) this.#tell(looker, () => looker.viewer.resized(size))
  }

  cleared(): void {
    for (const looker of this.#lookers) this.#tell(looker, () => looker.viewer.cleared())
  }

  /** There is another program, which nobody has paused. */
  restarted(): void {
    this.#paused = false
  }

  #tell(looker: Looker, action: () => void): void {
    if (looker.state === 'streaming') action()
    else if (looker.state === 'waiting') looker.waiting.push(action)
  }

  #send(looker: Looker, bytes: Uint8Array): void {
    looker.unpainted += bytes.length
    const limit = isLooking(looker) ? LEFT_BEHIND_BYTES : LEFT_BEHIND_HIDDEN_BYTES
    if (looker.unpainted > limit) looker.state = 'behind'
    looker.viewer.data(bytes)
  }

  #changed(looker: Looker): void {
    this.#catchUp(looker)
    this.#fit()
    this.#pace()
  }

  /** Shows the whole screen to one that was left behind, when it has drawn what it had and somebody looks. */
  #catchUp(looker: Looker): void {
    if (looker.state !== 'behind' || !isLooking(looker) || looker.unpainted > LOW_WATER_BYTES) return
    // It is on the snapshot, so it must not wait behind it.
    this.#options.flush()
    looker.state = 'waiting'
    this.#options.snapshot(({ cols, rows, bytes }) => {
      if (!this.#lookers.has(looker)) return
      looker.state = 'streaming'
      looker.viewer.resized({ cols, rows })
      looker.unpainted += bytes.length
      for (let at = 0; at < bytes.length; at += SNAPSHOT_PIECE_BYTES) {
        looker.viewer.data(bytes.subarray(at, at + SNAPSHOT_PIECE_BYTES))
      }
      for (const action of looker.waiting.splice(0)) this.#tell(looker, action)
      this.#pace()
    })
  }

  #fit(): void {
    const rooms = [...this.#lookers].flatMap((looker) =>
      looker.counts && looker.room && isLooking(looker) ? [looker.room] : [],
    )
    // With nobody to show it, it stays as it is.
    if (rooms.length === 0) return
    this.#options.fit({
      cols: Math.min(...rooms.map(({ cols }) => cols)),
      rows: Math.min(...rooms.map(({ rows }) => rows)),
    })
  }

  #pace(): void {
    // Who may only look changes nothing for others, the pace neither.
    const looking = [...this.#lookers].filter((looker) => looker.counts && isLooking(looker))
    const least = looking.length === 0 ? 0 : Math.min(...looking.map(({ unpainted }) => unpainted))
    const most = Math.max(least, this.#unparsed)
    if (!this.#paused && most > HIGH_WATER_BYTES) {
      this.#paused = true
      this.#options.pause()
    } else if (this.#paused && most <= LOW_WATER_BYTES) {
      this.#paused = false
      this.#options.resume()
    }
  }
}

function isLooking({ present, room }: Looker): boolean {
  return present && room !== undefined
}
