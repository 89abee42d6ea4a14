import { type FoundMatch, SHOWN_AFTER, SHOWN_BEFORE, SHOWN_MATCH } from '../../../core/wire/operations/search.ts'
import type { RipgrepMatch } from '../../../drivers/ripgrep-match.ts'

type Groups = (string | null)[] | undefined

/** A match as the worker keeps it: all of its text, with `\n` between lines. */
export interface KeptMatch {
  line: number
  column: number
  endLine: number
  endColumn: number
  text: string
  groups: Groups
}

/** The matches in some lines as they are kept, and as the page is told of them. */
export function describe(
  { line, text, ranges }: RipgrepMatch,
  groups: readonly Groups[],
): { kept: KeptMatch; found: FoundMatch }[] {
  const starts = lineStarts(text)
  return ranges.map(({ from, to }, index) => {
    const [first, last] = [lineAt(starts, from), lineAt(starts, to)]
    const [start, end] = [starts[first] ?? 0, starts[last] ?? 0]
    const matched = text.slice(from, to).replaceAll('\r\n', '\n')
    const place = { line: line + first, column: from - start + 1, endLine: line + last, endColumn: to - end + 1 }
    const lineEnd = (starts[last + 1] ?? text.length + 1) - 1
    return {
      kept: { ...place, text: matched, groups: groups[index] },
      found: {
        ...place,
        before: text.slice(Math.max(start, from - SHOWN_BEFORE), from),
        after: text.slice(to, Math.min(lineEnd, to + SHOWN_AFTER)).replace(/\r$/, ''),
        ...shown(matched, groups[index]),
      },
    }
  })
}

function shown(text: string, groups: Groups): Pick<FoundMatch, 'text' | 'groups' | 'isCut'> {
  const cut = (part: string) => part.slice(0, SHOWN_MATCH)
  const isCut = text.length > SHOWN_MATCH || groups?.some((group) => (group?.length ?? 0) > SHOWN_MATCH) === true
  return {
    text: cut(text),
    ...(groups ? { groups: groups.map((group) => group && cut(group)) } : {}),
    ...(isCut ? { isCut } : {}),
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** The index of the line an offset is in. */
function lineAt(starts: readonly number[], offset: number): number {
  let line = starts.length - 1
  while (line > 0 && (starts[line] ?? 0) > offset) line--
  return line
}
