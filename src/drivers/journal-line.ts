import { crc32 } from 'node:zlib'

/**
 * A line of a journal: eight hexadecimal digits of CRC-32, a space, JSON, a line feed. JSON escapes line feeds, so
 * whatever was torn in a line's middle stays one line.
 */
export function encodeLine(json: string): Buffer {
  const body = Buffer.from(json)
  return Buffer.concat([Buffer.from(`${checksum(body)} `), body, Buffer.from('\n')])
}

/** The JSON of each line, and where the good ones end. `bad` is the first line (from 1) that is not as it was written. */
export function decodeLines(bytes: Buffer): {
  lines: string[]
  goodBytes: number
  bad?: { line: number; last: boolean }
} {
  const lines: string[] = []
  let start = 0
  while (start < bytes.length) {
    const end = bytes.indexOf(10, start)
    const body = bytes.subarray(start + 9, end === -1 ? bytes.length : end)
    const isWhole = end !== -1 && bytes[start + 8] === 32
    if (!isWhole || bytes.toString('latin1', start, start + 8) !== checksum(body)) {
      const last = end === -1 || end === bytes.length - 1
      return { lines, goodBytes: start, bad: { line: lines.length + 1, last } }
    }
    lines.push(body.toString())
    start = end + 1
  }
  return { lines, goodBytes: start }
}

function checksum(body: Buffer): string {
  return crc32(body).toString(16).padStart(8, '0')
}
