/**
 * How a text of any size is cut into rows, the same way by the worker, which counts them, and by the page, which shows
 * some: a row ends behind a newline, or where it would become longer than ROW_BYTES, but not within a character.
 */
export const ROW_BYTES = 2_048
/** The worker counts rows for each block of this many bytes. */
export const BLOCK_BYTES = 64 * 1024

const NEWLINE = 0x0a
/** UTF-8 has at most three bytes behind a character's first one. */
const MOST_FOLLOWING = 3

/** What is known of the rows that begin in one block. */
export interface RowBlock {
  /** How many begin in it. */
  rows: number
  /** How many of them are beginnings of lines. */
  lines: number
  /** Where the first of them begins, from the start of the block; BLOCK_BYTES when none does. */
  first: number
}

/** Numbers of a block on the wire: three u32, little endian. */
export const ROW_BLOCK_BYTES = 12

export function encodeRowBlocks(blocks: readonly RowBlock[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(blocks.length * ROW_BLOCK_BYTES))
  blocks.forEach(({ rows, lines, first }, index) => {
    for (const [place, number] of [rows, lines, first].entries()) {
      view.setUint32(index * ROW_BLOCK_BYTES + place * 4, number, true)
    }
  })
  return new Uint8Array(view.buffer)
}

/** Whole blocks only: what is left over of the bytes is not looked at. */
export function decodeRowBlocks(bytes: Uint8Array): RowBlock[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / ROW_BLOCK_BYTES) }, (_, index) => {
    const at = index * ROW_BLOCK_BYTES
    return { rows: view.getUint32(at, true), lines: view.getUint32(at + 4, true), first: view.getUint32(at + 8, true) }
  })
}

/** Where the row that begins at `start` ends, or undefined when the bytes end before that is known. */
export function endOfRow(bytes: Uint8Array, start: number): number | undefined {
  const newline = bytes.subarray(start, start + ROW_BYTES).indexOf(NEWLINE)
  if (newline >= 0) return start + newline + 1
  let end = start + ROW_BYTES
  for (let more = 0; more < MOST_FOLLOWING && end < bytes.length && isFollowing(bytes[end]); more++) end++
  // A newline right behind a full row belongs to it.
  if (end >= bytes.length) return undefined
  return bytes[end] === NEWLINE ? end + 1 : end
}

/** Whether a row that ends there ends its line. */
export function endsLine(bytes: Uint8Array, end: number): boolean {
  return bytes[end - 1] === NEWLINE
}

function isFollowing(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** Counts the rows of a text that comes in pieces of any size. */
export class RowCounter {
  #rest: Uint8Array = new Uint8Array()
  /** Where the rest begins, from the start of the text. */
  #at = 0
  #block: RowBlock = { rows: 0, lines: 0, first: BLOCK_BYTES }
  #blocks = 0
  #beginsLine = true

  /** The blocks that are complete now. */
  push(piece: Uint8Array): RowBlock[] {
    const done: RowBlock[] = []
    const bytes = this.#rest.length === 0 ? piece : concat(this.#rest, piece)
    let start = 0
    for (let end = endOfRow(bytes, 0); end !== undefined; end = endOfRow(bytes, end)) {
      this.#count(this.#at + start, done)
      this.#beginsLine = endsLine(bytes, end)
      start = end
    }
    // A copy, which `slice` of a Buffer is not: the piece is the caller's, who reads the next one into it.
    this.#rest = new Uint8Array(bytes.subarray(start))
    this.#at += start
    return done
  }

  /** The blocks that were not complete before the text ended. Behind a last newline there is an empty row. */
  end(): RowBlock[] {
    const done: RowBlock[] = []
    if (this.#rest.length > 0 || this.#beginsLine) this.#count(this.#at, done)
    return [...done, this.#block]
  }

  #count(at: number, done: RowBlock[]): void {
    for (const index = Math.floor(at / BLOCK_BYTES); this.#blocks < index; this.#blocks++) {
      done.push(this.#block)
      this.#block = { rows: 0, lines: 0, first: BLOCK_BYTES }
    }
    if (this.#block.rows === 0) this.#block.first = at % BLOCK_BYTES
    this.#block.rows++
    if (this.#beginsLine) this.#block.lines++
  }
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
