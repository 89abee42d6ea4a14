import type { Text } from '@codemirror/state'
import { diffArrays } from 'diff'

/** A difference in whole lines: those of the old text that were replaced by those of the new. From 0, ends exclusive. */
export interface Hunk {
  fromA: number
  toA: number
  fromB: number
  toB: number
}

/** More changed lines than this, or longer, and the rest is one difference: right, if coarse. */
const MAX_CHANGED_LINES = 5_000
const MAX_DIFF_MS = 150

/** The differences between two texts, line by line and in order. */
export function lineHunks(a: Text, b: Text): Hunk[] {
  const [old, fresh] = [a.toJSON(), b.toJSON()]
  const most = Math.min(old.length, fresh.length)
  let start = 0
  while (start < most && old[start] === fresh[start]) start++
  let end = 0
  while (end < most - start && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end++
  const whole = { fromA: start, toA: old.length - end, fromB: start, toB: fresh.length - end }
  if (whole.fromA === whole.toA && whole.fromB === whole.toB) return []
  if (whole.fromA === whole.toA || whole.fromB === whole.toB) return [whole]
  const parts = diffArrays(old.slice(start, whole.toA), fresh.slice(start, whole.toB), {
    maxEditLength: MAX_CHANGED_LINES,
    timeout: MAX_DIFF_MS,
  })
  if (!parts) return [whole]
  const hunks: Hunk[] = []
  let [atA, atB] = [start, start]
  let open: Hunk | undefined
  for (const { added, removed, count } of parts) {
    if (!added && !removed) {
      open = undefined
      atA += count
      atB += count
      continue
    }
    if (!open) {
      open = { fromA: atA, toA: atA, fromB: atB, toB: atB }
      hunks.push(open)
    }
    if (removed) open.toA = atA += count
    else open.toB = atB += count
  }
  return hunks
}

/** The old text with these of its differences from the new one; in order. */
export function applyHunks(a: Text, b: Text, hunks: readonly Hunk[]): string {
  const [old, fresh] = [a.toJSON(), b.toJSON()]
  const lines: string[] = []
  let at = 0
  for (const { fromA, toA, fromB, toB } of hunks) {
    for (let line = at; line < fromA; line++) lines.push(old[line] ?? '')
    for (let line = fromB; line < toB; line++) lines.push(fresh[line] ?? '')
    at = toA
  }
  for (let line = at; line < old.length; line++) lines.push(old[line] ?? '')
  return lines.join('\n')
}

/** What of a difference lies in these lines of the new text; the end is exclusive. */
export function narrowHunk(hunk: Hunk, from: number, to: number): Hunk | undefined {
  const { fromA, toA, fromB, toB } = hunk
  // What was deleted lies between two lines, and belongs to either.
  if (fromB === toB) return from <= fromB && fromB <= to ? hunk : undefined
  const [start, end] = [Math.max(fromB, from), Math.min(toB, to)]
  if (start >= end) return undefined
  // As many lines as before: line by line, most likely.
  if (toA - fromA === toB - fromB) {
    return { fromA: fromA + start - fromB, toA: fromA + end - fromB, fromB: start, toB: end }
  }
  return { ...hunk, fromB: start, toB: end }
}

/** The edit that makes a difference in the new text what it was in the old one. */
export function revertEdit(
  a: Text,
  b: Text,
  { fromA, toA, fromB, toB }: Hunk,
): { from: number; to: number; insert: string } {
  const old = a.toJSON().slice(fromA, toA).join('\n')
  if (fromB === toB) {
    if (fromB < b.lines) return { from: b.line(fromB + 1).from, to: b.line(fromB + 1).from, insert: `${old}\n` }
    return { from: b.length, to: b.length, insert: `\n${old}` }
  }
  const [from, to] = [b.line(fromB + 1).from, b.line(toB).to]
  if (fromA < toA) return { from, to, insert: old }
  if (toB < b.lines) return { from, to: to + 1, insert: '' }
  return { from: Math.max(0, from - 1), to, insert: '' }
}

export type Mark = 'added' | 'changed' | 'deleted'

/** How the line is marked, by a search among hunks in order; what was deleted is marked at the line behind it. */
export function markAt(hunks: readonly Hunk[], line: number, lines: number): { mark: Mark; hunk: Hunk } | undefined {
  let [low, high] = [0, hunks.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const hunk = hunks[middle] as Hunk
    const start = Math.min(hunk.fromB, lines - 1)
    const end = hunk.fromB === hunk.toB ? start + 1 : hunk.toB
    if (line < start) high = middle - 1
    else if (line >= end) low = middle + 1
    else return { mark: markOf(hunk), hunk }
  }
  return undefined
}

export function markOf({ fromA, toA, fromB, toB }: Hunk): Mark {
  return fromB === toB ? 'deleted' : fromA === toA ? 'added' : 'changed'
}
