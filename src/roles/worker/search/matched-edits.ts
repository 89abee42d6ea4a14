import { expandReplacement, type ReplacementTemplate } from '../../../core/replacement.ts'
import type { TextEdit } from '../documents/text-edits.ts'
import type { KeptMatch } from './found-matches.ts'

/**
 * The edits that replace these matches in a text whose lines end with `\n`. A match that is not there any more, letter
 * by letter, is skipped, and so is one whose groups are needed and not known.
 */
export function matchedEdits(
  text: string,
  matches: readonly KeptMatch[],
  template: ReplacementTemplate,
  preserveCase: boolean,
): { edits: TextEdit[]; skipped: number } {
  const lines = lineStarts(text)
  const edits: TextEdit[] = []
  let skipped = 0
  let end = 0
  for (const match of matches) {
    const { text: matched, groups } = match
    const { from, to } = rangeOf(lines, match)
    const insert = expandReplacement(template, matched, groups, preserveCase)
    if (!(from >= end) || insert === undefined || text.slice(from, to) !== matched) skipped++
    else {
      edits.push({ from, to, insert })
      end = to
    }
  }
  return { edits, skipped }
}

/** The matches in the text after edits of it; undefined for those that an edit replaced or touched. */
export function movedMatches(
  matches: readonly (KeptMatch | undefined)[],
  text: string,
  edits: readonly TextEdit[],
): (KeptMatch | undefined)[] {
  const before = lineStarts(text)
  const after = lineStarts(edited(text, edits))
  let shift = 0
  let next = 0
  return matches.map((match) => {
    if (!match) return undefined
    const { from, to } = rangeOf(before, match)
    for (let edit = edits[next]; edit && edit.to <= from && edit.from < from; edit = edits[++next]) {
      shift += edit.insert.length - (edit.to - edit.from)
    }
    const edit = edits[next]
    if (edit && edit.from <= to && edit.to >= from) return undefined
    const [begin, end] = [placeIn(after, from + shift), placeIn(after, to + shift)]
    return { ...match, line: begin.line, column: begin.column, endLine: end.line, endColumn: end.column }
  })
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** NaN where there is no such line. */
function rangeOf(starts: readonly number[], { line, column, endLine, endColumn }: KeptMatch) {
  return {
    from: (starts[line - 1] ?? Number.NaN) + column - 1,
    to: (starts[endLine - 1] ?? Number.NaN) + endColumn - 1,
  }
}

function placeIn(starts: readonly number[], offset: number): { line: number; column: number } {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}

/** The text after edits that are in order and apart from each other. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let at = 0
  for (const { from, to, insert } of edits) {
    result += text.slice(at, from) + insert
    at = to
  }
  return result + text.slice(at)
}

/** What takes the edits of a text back, in the text after them. */
export function inverseOf(text: string, edits: readonly TextEdit[]): TextEdit[] {
  let shift = 0
  return edits.map(({ from, to, insert }) => {
    const inverse = { from: from + shift, to: from + shift + insert.length, insert: text.slice(from, to) }
    shift += insert.length - (to - from)
    return inverse
  })
}

/** The edits as they are to be made after those changes, without those that the changes touch. All in order. */
export function carriedOver(edits: readonly TextEdit[], changes: readonly TextEdit[]): TextEdit[] {
  const carried: TextEdit[] = []
  let shift = 0
  let next = 0
  for (const { from, to, insert } of edits) {
    while (next < changes.length && (changes[next]?.to ?? 0) <= from) {
      const change = changes[next++] as TextEdit
      shift += change.insert.length - (change.to - change.from)
    }
    const touching = changes[next]
    if (touching && touching.from < to) continue
    carried.push({ from: from + shift, to: to + shift, insert })
  }
  return carried
}
