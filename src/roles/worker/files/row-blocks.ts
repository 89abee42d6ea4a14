import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { BLOCK_BYTES, encodeRowBlocks, RowCounter } from '../../../core/text-rows.ts'

/** Reads that make a piece of the answer: a piece for each block would be mostly headers. */
const BLOCKS_PER_PIECE = 64

/** Reads a file to its end and says, block by block, how many rows begin in it; closes it. Memory stays flat. */
export function countRows(file: FileHandle, size: number): Readable {
  return Readable.from(blocksOf(file, size), { objectMode: false, highWaterMark: 1 })
}

async function* blocksOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const counter = new RowCounter()
  const buffer = Buffer.alloc(BLOCK_BYTES)
  let blocks: ReturnType<RowCounter['push']> = []
  try {
    // Not beyond the size it had: the entity tag stands for those bytes.
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(BLOCK_BYTES, size - at), at)
      if (bytesRead === 0) break
      at += bytesRead
      blocks.push(...counter.push(buffer.subarray(0, bytesRead)))
      if (blocks.length < BLOCKS_PER_PIECE) continue
      yield encodeRowBlocks(blocks)
      blocks = []
    }
    yield encodeRowBlocks([...blocks, ...counter.end()])
  } finally {
    await file.close()
  }
}
