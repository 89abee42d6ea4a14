import type { Text } from '@codemirror/state'

/** A conflict in a text, by the numbers of its lines from 1: git's markers, and what lies between them. */
export interface Conflict {
  /** `<<<<<<<` */
  start: number
  /** `|||||||`, where git writes what both had before. */
  base?: number
  /** `=======` */
  middle: number
  /** `>>>>>>>` */
  end: number
  /** What the two sides are called. */
  ours: string
  theirs: string
}

export type Side = 'ours' | 'theirs' | 'both'

/** All conflicts of a text; markers that do not belong together are passed over. */
export function findConflicts(doc: Text): Conflict[] {
  const found: Conflict[] = []
  let open: { start: number; base?: number; middle?: number; ours: string } | undefined
  let number = 0
  for (const line of doc.iterLines()) {
    number++
    const marker = line.length >= 7 ? line.slice(0, 7) : ''
    const rest = line.slice(7)
    if (marker === '<<<<<<<' && (rest === '' || rest.startsWith(' '))) open = { start: number, ours: rest.trim() }
    else if (!open) continue
    else if (marker === '|||||||' && open.middle === undefined) open.base = number
    else if (marker === '=======' && rest === '' && open.middle === undefined) open.middle = number
    else if (marker === '>>>>>>>' && (rest === '' || rest.startsWith(' '))) {
      const { start, base, middle, ours } = open
      open = undefined
      if (middle === undefined) continue
      found.push({ start, ...(base === undefined ? {} : { base }), middle, end: number, ours, theirs: rest.trim() })
    }
  }
  return found
}

/** The edit that takes one side, or both in their order. */
export function resolution(doc: Text, conflict: Conflict, side: Side): { from: number; to: number; insert: string } {
  const { start, base, middle, end } = conflict
  const lines = (from: number, to: number) => {
    const all: string[] = []
    for (let number = from; number < to; number++) all.push(doc.line(number).text)
    return all
  }
  const ours = lines(start + 1, base ?? middle)
  const theirs = lines(middle + 1, end)
  const kept = side === 'ours' ? ours : side === 'theirs' ? theirs : [...ours, ...theirs]
  const from = doc.line(start).from
  const last = doc.line(end)
  if (kept.length > 0) return { from, to: last.to, insert: kept.join('\n') }
  // Nothing is left of it, not even an empty line.
  if (end < doc.lines) return { from, to: last.to + 1, insert: '' }
  return { from: Math.max(0, from - 1), to: last.to, insert: '' }
}
