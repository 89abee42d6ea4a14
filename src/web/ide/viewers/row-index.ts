import {
  BLOCK_BYTES,
  decodeRowBlocks,
  endOfRow,
  endsLine,
  ROW_BLOCK_BYTES,
  ROW_BYTES,
} from '../../../core/text-rows.ts'
import { ROWS_ADDRESS } from '../../../core/wire/media.ts'
import { Store } from '../../shared/store.ts'
import { type RemoteFile, refuse } from './remote-file.ts'

/** A row of a text: its bytes, and the number of the line that begins with it, from 1. */
export interface TextRow {
  bytes: Uint8Array
  line?: number
}

export interface IndexState {
  /** Rows that are known so far. */
  rows: number
  lines: number
  /** How much of the file has been counted, from 0 to 1. */
  counted: number
  problem?: string
}

/** Behind a block's end its last row goes on for at most this. */
const TAIL_BYTES = ROW_BYTES + 8
/** Blocks whose rows are kept. */
const MOST_BLOCKS = 64

/** Where the rows of a text of any size are. The worker counts them; until it is done, those counted so far are known. */
export class RowIndex {
  readonly state = new Store<IndexState>({ rows: 0, lines: 0, counted: 0 })
  readonly #file: RemoteFile
  readonly #fetch: typeof fetch
  readonly #abort = new AbortController()
  /** Of each block: rows and lines before it, and where its first row begins. */
  readonly #rowsBefore: number[] = []
  readonly #linesBefore: number[] = []
  readonly #first: number[] = []
  readonly #blocks = new Map<number, Promise<TextRow[]>>()

  constructor(file: RemoteFile, fetcher: typeof fetch = fetch.bind(globalThis)) {
    this.#file = file
    this.#fetch = fetcher
  }

  /** Never rejects: what goes wrong is in the state. */
  async load(): Promise<void> {
    try {
      const query = new URLSearchParams({ path: this.#file.path })
      const answer = await this.#fetch(`${ROWS_ADDRESS}?${query}`, { signal: this.#abort.signal, cache: 'no-store' })
      if (!answer.ok || !answer.body) await refuse(answer)
      if (answer.headers.get('etag') !== this.#file.tag) throw new Error('The file has changed since. Load it again.')
      await this.#read(answer.body as ReadableStream<Uint8Array>)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      const problem = error instanceof Error ? error.message : String(error)
      this.state.update((state) => ({ ...state, problem }))
    }
  }

  close(): void {
    this.#abort.abort()
  }

  /** Rows from `first` up to, not including, `last`, as far as they are known. Rejects as the file's `read` does. */
  async rows(first: number, last: number): Promise<TextRow[]> {
    const found: TextRow[] = []
    for (let block = this.#blockOf(this.#rowsBefore, first); found.length < last - first; block++) {
      const before = this.#rowsBefore[block]
      if (before === undefined || before >= last) break
      const rows = await this.#rowsIn(block)
      found.push(...rows.slice(Math.max(0, first - before), last - before))
    }
    return found
  }

  /** The row a line begins with; lines are from 1. */
  async rowOf(line: number): Promise<number> {
    const block = this.#blockOf(this.#linesBefore, line - 1)
    const rows = await this.#rowsIn(block)
    const at = rows.findIndex((row) => row.line === line)
    return (this.#rowsBefore[block] ?? 0) + Math.max(0, at)
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader()
    let rest = new Uint8Array()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const bytes = new Uint8Array(rest.length + value.length)
      bytes.set(rest)
      bytes.set(value, rest.length)
      const whole = bytes.length - (bytes.length % ROW_BLOCK_BYTES)
      this.#add(bytes.subarray(0, whole))
      rest = bytes.slice(whole)
    }
    this.state.update((state) => ({ ...state, counted: 1 }))
  }

  #add(bytes: Uint8Array): void {
    let { rows, lines } = this.state.get()
    for (const block of decodeRowBlocks(bytes)) {
      this.#rowsBefore.push(rows)
      this.#linesBefore.push(lines)
      this.#first.push(block.first)
      rows += block.rows
      lines += block.lines
    }
    const counted = Math.min(1, (this.#first.length * BLOCK_BYTES) / Math.max(1, this.#file.size))
    this.state.update((state) => ({ ...state, rows, lines, counted }))
  }

  /** The last block before which there are at most so many. */
  #blockOf(before: readonly number[], count: number): number {
    let low = 0
    let high = before.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((before[middle] ?? 0) <= count) low = middle
      else high = middle - 1
    }
    return low
  }

  #rowsIn(block: number): Promise<TextRow[]> {
    const known = this.#blocks.get(block)
    if (known) return known
    const reading = this.#parse(block)
    this.#blocks.set(block, reading)
    reading.catch(() => this.#blocks.delete(block))
    const [oldest] = this.#blocks.keys()
    if (this.#blocks.size > MOST_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest)
    return reading
  }

  async #parse(block: number): Promise<TextRow[]> {
    const begin = block * BLOCK_BYTES
    const first = this.#first[block] ?? BLOCK_BYTES
    if (first >= BLOCK_BYTES) return []
    // The byte before tells whether a line begins here.
    const from = Math.max(0, begin + first - 1)
    const bytes = await this.#file.read(from, begin + BLOCK_BYTES + TAIL_BYTES)
    const limit = begin + BLOCK_BYTES - from
    const rows: TextRow[] = []
    let start = begin + first - from
    let line = this.#linesBefore[block] ?? 0
    let beginsLine = start === 0 || endsLine(bytes, start)
    while (start < limit) {
      const end = endOfRow(bytes, start) ?? bytes.length
      if (beginsLine) line++
      rows.push({ bytes: bytes.subarray(start, end), ...(beginsLine ? { line } : {}) })
      // Behind a last newline there is an empty row; behind anything else the text is over.
      if (end >= bytes.length && !(end > start && endsLine(bytes, end))) break
      if (start === end) break
      beginsLine = endsLine(bytes, end)
      start = end
    }
    return rows
  }
}
