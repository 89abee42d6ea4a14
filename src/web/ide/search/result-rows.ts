import type { ResultFile, ResultMatch } from './project-search.ts'

/** A line of the list: a file, or a match in the file above it. */
export type ResultRow =
  | { kind: 'file'; id: string; file: ResultFile; isOpen: boolean }
  | { kind: 'match'; id: string; file: ResultFile; match: ResultMatch }

export function resultRows(files: readonly ResultFile[], collapsed: ReadonlySet<string>): ResultRow[] {
  const rows: ResultRow[] = []
  for (const file of files) {
    const isOpen = !collapsed.has(file.path)
    rows.push({ kind: 'file', id: file.path, file, isOpen })
    if (isOpen) for (const match of file.matches) rows.push({ kind: 'match', id: matchId(file, match), file, match })
  }
  return rows
}

/** No path holds a NUL. */
export function matchId({ path }: ResultFile, { index }: ResultMatch): string {
  return `${path}\0${index}`
}

/** The match before or behind a line of the list, around its ends; those that are not shown count, too. */
export function neighbourMatch(
  files: readonly ResultFile[],
  from: string | undefined,
  step: 1 | -1,
): { file: ResultFile; match: ResultMatch } | undefined {
  const all = files.flatMap((file) => file.matches.map((match) => ({ file, match })))
  if (all.length === 0) return undefined
  const at = all.findIndex(({ file, match }) => matchId(file, match) === from)
  if (at >= 0) return all[(at + step + all.length) % all.length]
  // At a file's line: its first match, or the last one before it.
  const first = all.findIndex(({ file }) => file.path === from)
  if (first < 0) return step === 1 ? all[0] : all.at(-1)
  return step === 1 ? all[first] : all[(first - 1 + all.length) % all.length]
}

const SHOWN_BEFORE = 16

/** The beginning of a match's line, short enough for the match to be seen. */
export function leadOf(before: string): string {
  const lead = before.trimStart()
  return lead.length > SHOWN_BEFORE ? `\u2026${lead.slice(-SHOWN_BEFORE)}` : lead
}

/** `3 results in 2 files`. */
export function countWords(matches: number, files: number): string {
  const of = (count: number, word: string) => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`
  return `${of(matches, 'result')} in ${of(files, 'file')}`
}
