import type { Diagnostic, Range } from 'vscode-languageserver-protocol'

export type Severity = 'error' | 'warning' | 'info' | 'hint'

/** Something a language server finds wrong with a file. */
export interface Problem {
  path: string
  range: Range
  severity: Severity
  message: string
  /** Who says so, and what he calls it: `ts(2322)`. */
  source: string
  /** Of code that does nothing: shown faded. */
  isUnused: boolean
  isDeprecated: boolean
  /** As the server told it. */
  diagnostic: Diagnostic
}

const severities: readonly Severity[] = ['error', 'warning', 'info', 'hint']

export function problemOf(path: string, diagnostic: Diagnostic): Problem {
  const { range, severity = 1, message, source, code, tags = [] } = diagnostic
  return {
    path,
    range,
    severity: severities[severity - 1] ?? 'error',
    message: typeof message === 'string' ? message : message.value,
    source: `${source ?? ''}${code === undefined ? '' : `(${code})`}`,
    isUnused: tags.includes(1),
    isDeprecated: tags.includes(2),
    diagnostic,
  }
}

/** Those a list shows: a hint is seen at its place. In the order of the files and in them. */
export function listedProblems(files: ReadonlyMap<string, { problems: readonly Problem[] }>): Problem[] {
  return [...files.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { problems }]) => problems.filter(({ severity }) => severity !== 'hint').toSorted(byPlace))
}

export function countProblems(problems: readonly Problem[]): Record<'errors' | 'warnings', number> {
  const of = (wanted: Severity) => problems.filter(({ severity }) => severity === wanted).length
  return { errors: of('error'), warnings: of('warning') + of('info') }
}

/** The next problem behind a place, or before it for -1: first in the file, then in the next ones, around the end. */
export function neighbourProblem(
  problems: readonly Problem[],
  path: string | undefined,
  at: { line: number; character: number },
  step: 1 | -1,
): Problem | undefined {
  const here = (problem: Problem) => (path === undefined || problem.path < path ? -1 : problem.path > path ? 1 : 0)
  const compare = (problem: Problem) => here(problem) || comparePlaces(problem.range.start, at)
  const ordered = step === 1 ? problems : problems.toReversed()
  return ordered.find((problem) => compare(problem) * step > 0) ?? ordered[0]
}

function byPlace(a: Problem, b: Problem): number {
  return comparePlaces(a.range.start, b.range.start)
}

function comparePlaces(a: { line: number; character: number }, b: { line: number; character: number }): number {
  return a.line - b.line || a.character - b.character
}

/** Things in groups of one key each, both in the order they came. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [key: string, items: T[]][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups]
}
