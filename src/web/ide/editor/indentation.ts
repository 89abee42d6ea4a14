import type { ChangeSpec, Text } from '@codemirror/state'

/** What lines of a file begin with: a tab, or so many spaces, for each step. */
export type Indentation = { kind: 'tabs' } | { kind: 'spaces'; size: number }

const tabs: Indentation = { kind: 'tabs' }
/** Lines that are looked at. */
const MOST_LINES = 5_000
const SIZES = [2, 3, 4, 6, 8]

/** What a text is indented with; undefined where it does not tell. */
export function indentationOf(text: string): Indentation | undefined {
  const steps = new Map<number, number>()
  let tabbed = 0
  let spaced = 0
  let last = 0
  let at = 0
  for (let count = 0; count < MOST_LINES && at < text.length; count++) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? text.length : Math.min(end, at + 200))
    at = end < 0 ? text.length : end + 1
    const lead = /^[\t ]*/.exec(line)?.[0] ?? ''
    // Lines of nothing, and those inside of a comment whose stars stand below one another.
    if (lead.length === line.trimEnd().length || /^ \*/.test(line.slice(lead.length - 1))) continue
    if (lead.startsWith('\t')) {
      tabbed++
      continue
    }
    if (lead.length > 1) spaced++
    const step = Math.abs(lead.length - last)
    last = lead.length
    // A step of one space is an alignment, not an indentation.
    if (step > 1) steps.set(step, (steps.get(step) ?? 0) + 1)
  }
  if (tabbed > spaced) return tabs
  const votes = SIZES.map((size) => ({ size, count: steps.get(size) ?? 0 }))
  const best = votes.reduce((a, b) => (b.count > a.count ? b : a))
  return best.count > 0 ? { kind: 'spaces', size: best.size } : undefined
}

/** As CodeMirror's unit of indentation. */
export function unitOf(indentation: Indentation): string {
  return indentation.kind === 'tabs' ? '\t' : ' '.repeat(indentation.size)
}

export function ofUnit(unit: string): Indentation {
  return unit.startsWith('\t') ? tabs : { kind: 'spaces', size: unit.length }
}

export function titleOf(indentation: Indentation): string {
  return indentation.kind === 'tabs' ? 'Tabs' : `Spaces: ${indentation.size}`
}

/** What makes the beginnings of all lines tabs, or spaces, each tab being `tabSize` columns wide. */
export function reindented(doc: Text, to: Indentation, tabSize: number): ChangeSpec[] {
  const changes: ChangeSpec[] = []
  let from = 0
  for (const line of doc.iterLines()) {
    const lead = /^[\t ]*/.exec(line)?.[0] ?? ''
    const insert = to.kind === 'spaces' ? spaced(lead, tabSize) : tabbed(lead, tabSize)
    if (insert !== lead) changes.push({ from, to: from + lead.length, insert })
    from += line.length + 1
  }
  return changes
}

function spaced(lead: string, tabSize: number): string {
  return ' '.repeat(columnsOf(lead, tabSize))
}

function tabbed(lead: string, tabSize: number): string {
  const columns = columnsOf(lead, tabSize)
  return '\t'.repeat(Math.floor(columns / tabSize)) + ' '.repeat(columns % tabSize)
}

function columnsOf(lead: string, tabSize: number): number {
  return [...lead].reduce((column, char) => (char === '\t' ? column + tabSize - (column % tabSize) : column + 1), 0)
}
