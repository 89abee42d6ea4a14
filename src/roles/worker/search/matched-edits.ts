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
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const edits: TextEdit[] = []
  let skipped = 0
  let end = 0
  for (const { line, column, endLine, endColumn, text: matched, groups } of matches) {
    const from = (starts[line - 1] ?? Number.NaN) + column - 1
    const to = (starts[endLine - 1] ?? Number.NaN) + endColumn - 1
    const insert = expandReplacement(template, matched, groups, preserveCase)
    if (!(from >= end) || insert === undefined || text.slice(from, to) !== matched) skipped++
    else {
      edits.push({ from, to, insert })
      end = to
    }
  }
  return { edits, skipped }
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
