import { toProblem } from '../../../core/errors.ts'
import { Tag } from '../../../core/wire/frames.ts'
import { MAX_LISTED_FILES } from '../../../core/wire/operations/search.ts'
import type { Ripgrep, RipgrepRun } from '../../../drivers/ripgrep.ts'
import type { Channel, ChannelFrame, Page } from '../wire/page.ts'

/** Bytes a page has not taken yet, above which ripgrep waits, and below which it goes on. */
const HIGH_WATER_BYTES = 1024 * 1024
const LOW_WATER_BYTES = 256 * 1024

/** The list of the project's files, on its way to one page. */
export class FileListChannel implements Channel {
  readonly number: number
  readonly #page: Page
  #run: RipgrepRun | undefined
  #files = 0
  #truncated = false
  #unpainted = 0
  #isPaused = false
  #isClosed = false

  constructor(number: number, page: Page) {
    this.number = number
    this.#page = page
  }

  begin(ripgrep: Ripgrep, ignored: boolean): void {
    if (this.#isClosed) return
    const run = ripgrep.files(ignored, (bytes) => this.#take(bytes))
    this.#run = run
    run.done.then(
      () => this.#end(),
      (error: unknown) => this.#end(error),
    )
  }

  receive(frame: ChannelFrame): void {
    if (frame.tag !== Tag.painted) return
    this.#unpainted = Math.max(0, this.#unpainted - frame.bytes)
    if (!this.#isPaused || this.#unpainted > LOW_WATER_BYTES) return
    this.#isPaused = false
    this.#run?.resume()
  }

  close(): void {
    this.#isClosed = true
    this.#run?.stop()
  }

  #take(bytes: Buffer): void {
    if (this.#isClosed || this.#truncated) return
    for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) this.#files++
    if (this.#files >= MAX_LISTED_FILES) {
      this.#truncated = true
      this.#run?.stop()
    }
    this.#page.data(this.number, bytes)
    this.#unpainted += bytes.length
    if (this.#unpainted <= HIGH_WATER_BYTES || this.#isPaused) return
    this.#isPaused = true
    this.#run?.pause()
  }

  #end(error?: unknown): void {
    if (this.#isClosed) return
    const problem = error === undefined ? undefined : toProblem(error)
    this.#page.tell('search.listed', {
      channel: this.number,
      files: this.#files,
      truncated: this.#truncated,
      ...(problem ? { problem: { code: problem.code, detail: problem.detail } } : {}),
    })
    this.#page.end(this)
  }
}
