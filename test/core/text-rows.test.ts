import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BLOCK_BYTES,
  decodeRowBlocks,
  encodeRowBlocks,
  endOfRow,
  endsLine,
  ROW_BYTES,
  type RowBlock,
  RowCounter,
} from '../../src/core/text-rows.ts'

/** Where the rows of a text begin, cut at once. */
function rowsOf(bytes: Uint8Array): { at: number; line: boolean }[] {
  const rows: { at: number; line: boolean }[] = []
  let at = 0
  let line = true
  for (let end = endOfRow(bytes, 0); end !== undefined; end = endOfRow(bytes, at)) {
    rows.push({ at, line })
    line = endsLine(bytes, end)
    at = end
  }
  if (at < bytes.length || line) rows.push({ at, line })
  return rows
}

function count(bytes: Uint8Array, pieces: readonly number[]): RowBlock[] {
  const counter = new RowCounter()
  const blocks: RowBlock[] = []
  let at = 0
  for (let index = 0; at < bytes.length; index++) {
    const size = pieces[index % pieces.length] ?? 1
    blocks.push(...counter.push(bytes.subarray(at, at + size)))
    at += size
  }
  return [...blocks, ...counter.end()]
}

const text = (value: string) => new TextEncoder().encode(value)

describe('rows', () => {
  it('end with lines, and behind so many bytes, but not within a character', () => {
    expect(rowsOf(text('a\nbc\n')).map(({ at }) => at)).toEqual([0, 2, 5])
    expect(rowsOf(text(''))).toEqual([{ at: 0, line: true }])
    const long = text(`${'€'.repeat(2000)}\nx`)
    const rows = rowsOf(long)
    expect(rows.map(({ line }) => line)).toEqual([true, false, false, true])
    expect(rows[1]?.at).toBe(Math.ceil(ROW_BYTES / 3) * 3)
  })

  it('are counted from pieces that come in one buffer', () => {
    const all = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `${index}\n`).join(''))
    const buffer = Buffer.alloc(BLOCK_BYTES)
    const counter = new RowCounter()
    const blocks: RowBlock[] = []
    for (let at = 0; at < all.length; at += BLOCK_BYTES) {
      blocks.push(...counter.push(buffer.subarray(0, all.copy(buffer, 0, at))))
    }
    expect([...blocks, ...counter.end()].reduce((sum, { lines }) => sum + lines, 0)).toBe(60_001)
  })

  it('are counted the same whatever the pieces', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.constant('y'.repeat(5_000)),
      fc.constant('€'.repeat(30_000)),
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 }),
        (lines, pieces) => {
          const bytes = text(lines.join('\n'))
          const rows = rowsOf(bytes)
          const blocks = count(
            bytes,
            pieces.map((size) => Math.max(size, 500)),
          )
          expect(blocks.reduce((sum, block) => sum + block.rows, 0)).toBe(rows.length)
          for (const [index, block] of blocks.entries()) {
            const inside = rows.filter(({ at }) => Math.floor(at / BLOCK_BYTES) === index)
            expect(block.rows).toBe(inside.length)
            expect(block.lines).toBe(inside.filter(({ line }) => line).length)
            expect(block.first).toBe(inside[0] ? inside[0].at % BLOCK_BYTES : BLOCK_BYTES)
          }
          expect(decodeRowBlocks(encodeRowBlocks(blocks))).toEqual(blocks)
        },
      ),
      { numRuns: 40 },
    )
  })
})
