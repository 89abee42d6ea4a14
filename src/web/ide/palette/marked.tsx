import type { ReactNode } from 'react'
import type { Marks } from './fuzzy.ts'

/** A text with what matched in it made visible. `from`: the offset in the matched text at which this one begins. */
export function Marked({ text, marks, from = 0 }: { text: string; marks?: Marks | undefined; from?: number }) {
  if (!marks || marks.length === 0) return text
  const parts: ReactNode[] = []
  let at = 0
  for (let index = 0; index < marks.length; index += 2) {
    const begin = Math.max(at, (marks[index] ?? 0) - from)
    const end = Math.min(text.length, (marks[index + 1] ?? 0) - from)
    if (end <= begin) continue
    if (begin > at) parts.push(text.slice(at, begin))
    parts.push(<b key={begin}>{text.slice(begin, end)}</b>)
    at = end
  }
  parts.push(text.slice(at))
  return parts
}
