import type { SearchQuery } from '@codemirror/search'
import type { EditorState } from '@codemirror/state'

/** More are not counted. */
export const MOST_COUNTED = 10_000
/** Nor for longer than this. */
const MOST_MS = 150

export interface Matches {
  /** Where they begin and end, in their order. */
  starts: number[]
  ends: number[]
  /** There are more. */
  isCut: boolean
}

/** All matches of a valid query. */
export function findMatches(query: SearchQuery, state: EditorState, now: () => number): Matches {
  const found: Matches = { starts: [], ends: [], isCut: false }
  const until = now() + MOST_MS
  const cursor = query.getCursor(state)
  for (let next = cursor.next(); !next.done; next = cursor.next()) {
    const { from, to } = next.value
    if (found.starts.length >= MOST_COUNTED || (found.starts.length % 256 === 255 && now() > until)) {
      found.isCut = true
      break
    }
    found.starts.push(from)
    found.ends.push(to)
  }
  return found
}

/** What is said of them: `2 of 17`, the selection being the second. */
export function countText({ starts, ends, isCut }: Matches, selection: { from: number; to: number }): string {
  if (starts.length === 0) return 'No results'
  const all = `${starts.length.toLocaleString('en')}${isCut ? '+' : ''}`
  const at = starts.indexOf(selection.from)
  return at >= 0 && ends[at] === selection.to ? `${(at + 1).toLocaleString('en')} of ${all}` : `${all} results`
}

/** Why an expression is none, or undefined. */
export function expressionProblem(text: string): string | undefined {
  try {
    new RegExp(text, 'u')
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/u?: /, '') : String(error)
    return `Not valid: ${reason}`
  }
}
