import type { TextEdit as LspEdit, Position, Range } from 'vscode-languageserver-protocol'
import { OmegaError } from '../../../core/errors.ts'
import type { TextEdit } from '../documents/text-edits.ts'

/** LSP's places in a text (line, UTF-16 units in it; from 0) and offsets. Lines end with `\n`. */

/** The change that turns `from` into `to`, or undefined when they are the same. */
export function singleEdit(from: string, to: string): { range: Range; text: string } | undefined {
  if (from === to) return undefined
  const shorter = Math.min(from.length, to.length)
  let start = 0
  while (start < shorter && from.charCodeAt(start) === to.charCodeAt(start)) start++
  let end = 0
  while (end < shorter - start && from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end)) end++
  // A server that keeps UTF-8 cannot cut a surrogate pair in two.
  if (isLow(from.charCodeAt(start)) || isLow(to.charCodeAt(start))) start--
  if (isLow(from.charCodeAt(from.length - end)) || isLow(to.charCodeAt(to.length - end))) end--
  const first = positionAt(from, Math.max(0, start))
  const range = { start: first, end: positionAt(from, from.length - Math.max(0, end)) }
  return { range, text: to.slice(Math.max(0, start), to.length - Math.max(0, end)) }
}

export function positionAt(text: string, offset: number): Position {
  let line = 0
  let begin = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', begin)) {
    line++
    begin = at + 1
  }
  return { line, character: offset - begin }
}

/** Offsets of the beginnings of lines. */
export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/**
 * Edits in terms of offsets, in order. Throws CONFLICT when they are not of this text: a place that is not in it, or two
 * that overlap.
 */
export function offsetEdits(text: string, edits: readonly LspEdit[]): TextEdit[] {
  const starts = lineStarts(text)
  const offsetOf = ({ line, character }: Position): number => {
    const start = starts[line]
    // Servers name the end of a text as the line behind the last one.
    if (start === undefined) return line === starts.length && character === 0 ? text.length : -1
    const next = starts[line + 1]
    return Math.min(start + character, next === undefined ? text.length : next - 1)
  }
  const found = edits.map(({ range, newText }, index) => ({
    from: offsetOf(range.start),
    to: offsetOf(range.end),
    insert: newText.replace(/\r\n?/g, '\n'),
    index,
  }))
  found.sort((a, b) => a.from - b.from || a.to - b.to || a.index - b.index)
  let last = 0
  for (const { from, to } of found) {
    if (from < last || to < from) throw new OmegaError('CONFLICT', 'The edits are of another text. Try it again.')
    last = to
  }
  return found.map(({ from, to, insert }) => ({ from, to, insert }))
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000
}
