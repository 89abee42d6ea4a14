import { toProblem } from '../../../core/errors.ts'
import { Tag } from '../../../core/wire/frames.ts'
import { type FoundFile, MAX_MATCHES, type SearchMessage } from '../../../core/wire/operations/search.ts'
import type { Ripgrep, RipgrepRun, TextQuery } from '../../../drivers/ripgrep.ts'
import type { RipgrepMatch } from '../../../drivers/ripgrep-match.ts'
import type { TextEdit } from '../documents/text-edits.ts'
import type { Channel, ChannelFrame, Page } from '../wire/page.ts'
import { describe, type KeptMatch } from './found-matches.ts'
import { MatchGroups } from './match-groups.ts'
import { movedMatches } from './matched-edits.ts'

/** Found things are gathered for so long, or until there are so many, before they are told. */
const GATHER_MS = 40
const GATHER_MATCHES = 250
/** In one message. */
const MESSAGE_MATCHES = 500
/** Bytes a page has not shown yet, above which ripgrep waits, and below which it goes on. */
const HIGH_WATER_BYTES = 512 * 1024
const LOW_WATER_BYTES = 128 * 1024

/** A search of one page. What it found is kept for a replacement until it is closed. */
export class SearchChannel implements Channel {
  readonly number: number
  readonly query: TextQuery
  /** By path, in the order the page was told; those that were replaced are gone. */
  readonly found = new Map<string, (KeptMatch | undefined)[]>()
  readonly #page: Page
  readonly #groups: MatchGroups
  #run: RipgrepRun | undefined
  #gathered: RipgrepMatch[] = []
  #gatheredMatches = 0
  #timer: NodeJS.Timeout | undefined
  #matches = 0
  #truncated = false
  #unpainted = 0
  #isPaused = false
  #isStopped = false
  #isClosed = false

  constructor(number: number, page: Page, query: TextQuery) {
    this.number = number
    this.query = query
    this.#page = page
    this.#groups = new MatchGroups(query)
  }

  /** `ready`: what was typed is on the disk. */
  begin(ripgrep: Ripgrep, ready: Promise<void>): void {
    ready.then(
      () => this.#look(ripgrep),
      (error: unknown) => this.#end(error),
    )
  }

  #look(ripgrep: Ripgrep): void {
    if (this.#isClosed) return
    if (this.#isStopped) {
      this.#end()
      return
    }
    const run = ripgrep.search(this.query, (match) => this.#take(match))
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

  /** Looks no further. */
  stop(): void {
    this.#isStopped = true
    this.#run?.stop()
  }

  /** A replacement in a file: what was replaced is not there any more, and the rest has moved. */
  replaced(path: string, text: string, edits: readonly TextEdit[]): void {
    const kept = this.found.get(path)
    if (kept) this.found.set(path, movedMatches(kept, text, edits))
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#run?.stop()
    this.#gathered = []
    this.found.clear()
  }

  #take(match: RipgrepMatch): void {
    const room = MAX_MATCHES - this.#matches
    if (match.ranges.length > room) this.#truncated = true
    const ranges = match.ranges.slice(0, room)
    this.#matches += ranges.length
    this.#gatheredMatches += ranges.length
    if (ranges.length > 0) this.#gathered.push({ ...match, ranges })
    if (this.#truncated) {
      this.#run?.stop()
      return
    }
    if (this.#gatheredMatches >= GATHER_MATCHES) this.#tell()
    else this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS)
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const gathered = this.#gathered
    this.#gathered = []
    this.#gatheredMatches = 0
    if (gathered.length === 0 || this.#isClosed) return
    for (const files of this.#describe(gathered)) this.#send({ files })
  }

  /** Notes what was found, and gives it as the page is told of it, in messages that are not too long. */
  *#describe(gathered: readonly RipgrepMatch[]): Generator<FoundFile[]> {
    const stretches = gathered.flatMap(({ text, ranges }) => ranges.map((range) => ({ text, ...range })))
    const groups = this.#groups.of(stretches)
    let done = 0
    let files: FoundFile[] = []
    let count = 0
    for (const match of gathered) {
      const kept = this.found.get(match.path) ?? []
      this.found.set(match.path, kept)
      const described = describe(match, groups.slice(done, done + match.ranges.length))
      done += described.length
      for (const one of described) {
        kept.push(one.kept)
        if (files.at(-1)?.path !== match.path) files.push({ path: match.path, matches: [] })
        files.at(-1)?.matches.push(one.found)
        if (++count % MESSAGE_MATCHES === 0) {
          yield files
          files = []
        }
      }
    }
    if (files.length > 0) yield files
  }

  #end(error?: unknown): void {
    if (this.#isClosed) return
    this.#tell()
    const problem = error === undefined ? undefined : toProblem(error)
    this.#send({
      end: {
        files: this.found.size,
        matches: this.#matches,
        truncated: this.#truncated,
        ...(problem ? { problem: { code: problem.code, detail: problem.detail } } : {}),
      },
    })
  }

  #send(message: SearchMessage): void {
    const bytes = Buffer.from(JSON.stringify(message))
    this.#page.data(this.number, bytes)
    this.#unpainted += bytes.length
    if (this.#unpainted <= HIGH_WATER_BYTES || this.#isPaused) return
    this.#isPaused = true
    this.#run?.pause()
  }
}
