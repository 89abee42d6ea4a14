/** A line with matches, or several lines that one match lies across. */
export interface RipgrepMatch {
  /** Relative to the project's folder. */
  path: string
  /** Of the first line, from 1. */
  line: number
  /** The lines, without the last line's ending. */
  text: string
  /** UTF-16 units in the text; in order and apart from each other. */
  ranges: { from: number; to: number }[]
}

/** ripgrep's JSON gives what is not UTF-8 as base64. */
type Data = { text: string } | { bytes: string }

interface MatchLine {
  type: string
  data: { path: Data; lines: Data; line_number: number | null; submatches: { start: number; end: number }[] }
}

const BEGINS_MATCH = Buffer.from('{"type":"match"')

/** Undefined for lines of other kinds, and for files whose name is not UTF-8, which cannot be opened here. */
export function readMatch(line: Buffer): RipgrepMatch | undefined {
  if (!line.subarray(0, BEGINS_MATCH.length).equals(BEGINS_MATCH)) return undefined
  const { data } = JSON.parse(line.toString()) as MatchLine
  if (!('text' in data.path)) return undefined
  const bytes = 'text' in data.lines ? undefined : Buffer.from(data.lines.bytes, 'base64')
  const raw = bytes ? bytes.toString() : (data.lines as { text: string }).text
  const offsets = offsetsIn(raw, bytes)
  const text = raw.replace(/\r?\n$/, '')
  return {
    path: data.path.text.replace(/^\.\//, ''),
    line: data.line_number ?? 1,
    text,
    ranges: data.submatches.map(({ start, end }) => {
      const from = Math.min(text.length, offsets(start))
      return { from, to: Math.max(from, Math.min(text.length, offsets(end))) }
    }),
  }
}

/** Turns ascending offsets in UTF-8 bytes into those in UTF-16 units. */
function offsetsIn(text: string, given: Buffer | undefined): (bytes: number) => number {
  const encoded = given ?? Buffer.from(text)
  if (encoded.length === text.length && given === undefined) return (bytes) => bytes
  let knownBytes = 0
  let knownUnits = 0
  return (bytes) => {
    if (bytes < knownBytes) [knownBytes, knownUnits] = [0, 0]
    knownUnits += encoded.subarray(knownBytes, bytes).toString().length
    knownBytes = bytes
    return knownUnits
  }
}
