import type { Text } from '@codemirror/state'

/** Somewhere in a text: lines and columns from 1, columns in UTF-16 units. A stretch where it has an end. */
export interface Place {
  line: number
  column?: number
  endLine?: number
  endColumn?: number
  /** What stands there; where it has moved since, the nearest one is meant. */
  text?: string
}

/** How far away a text that has moved is looked for. */
const MOST_MOVED_CHARS = 100_000

/** The offsets of a place in this text; as near as can be, where there is no such line or column. */
export function offsetsOf(doc: Text, place: Place): { from: number; to: number } {
  const from = offsetOf(doc, place.line, place.column ?? 1)
  const to = Math.max(from, offsetOf(doc, place.endLine ?? place.line, place.endColumn ?? place.column ?? 1))
  const { text } = place
  if (text === undefined || text === '' || doc.sliceString(from, to) === text) return { from, to }
  const start = Math.max(0, from - MOST_MOVED_CHARS)
  const near = doc.sliceString(start, from + MOST_MOVED_CHARS)
  const [before, after] = [near.lastIndexOf(text, from - start), near.indexOf(text, from - start)]
  if (before < 0 && after < 0) return { from, to }
  const isBefore = after < 0 || (before >= 0 && from - start - before <= after - (from - start))
  const found = start + (isBefore ? before : after)
  return { from: found, to: found + text.length }
}

function offsetOf(doc: Text, line: number, column: number): number {
  const { from, length } = doc.line(Math.min(doc.lines, Math.max(1, line)))
  return from + Math.min(length, Math.max(0, column - 1))
}

/** `12`, `12:3` or `12,3`, as a person or a compiler writes it behind a name. */
export function parsePlace(text: string): Place | undefined {
  const match = /^\s*(\d{1,9})(?:\s*[:,]\s*(\d{1,9})?)?\s*:?\s*$/.exec(text)
  if (!match) return undefined
  const [, line, column] = match
  return { line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) }
}

/** A path and what is behind it: `src/a.ts:12:3`, `src/a.ts(12,3)`, `src/a.ts#L12`. */
export function splitPlace(text: string): { path: string; place: Place | undefined } {
  const match = /^(.*?)(?::(\d[\d:,]*|$)|\((\d[\d,]*)\)?|#L?(\d[\d:,]*))$/.exec(text)
  const path = match?.[1]
  if (!match || path === undefined || path === '') return { path: text, place: undefined }
  return { path, place: parsePlace(match[2] ?? match[3] ?? match[4] ?? '') }
}
