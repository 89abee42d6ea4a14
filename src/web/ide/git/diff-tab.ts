import { nameOf } from '../files/paths.ts'
import { viewTab } from '../tabs/tab-view.ts'

export const DIFF_VIEW = 'git.diff'
export const MERGE_VIEW = 'git.merge'
export const COMMIT_VIEW = 'git.commit'
export const HISTORY_VIEW = 'git.history'

/** Two versions of a file to compare. */
export interface DiffSides {
  root: string
  path: string
  /** What it is called on the left, if differently. */
  from?: string
  /** `index`, a commit's name, or '' for nothing. */
  left: string
  /** The same, or `file`: what is being worked on. */
  right: string
}

export function diffTab(sides: DiffSides): string {
  return viewTab(DIFF_VIEW, JSON.stringify(sides))
}

export function parseDiff(arg: string): DiffSides | undefined {
  try {
    const { root, path, from, left, right } = JSON.parse(arg) as Record<string, unknown>
    if ([root, path, left, right].some((one) => typeof one !== 'string')) return undefined
    const sides = { root, path, left, right } as DiffSides
    return typeof from === 'string' ? { ...sides, from } : sides
  } catch {
    return undefined
  }
}

/** What one side is called. */
export function sideName(side: string): string {
  if (side === '') return 'nothing'
  if (side === 'file') return 'working tree'
  if (side === 'index') return 'staged'
  return /^[0-9a-f]{40,64}\^?$/.test(side) ? side.slice(0, 8) + (side.endsWith('^') ? '^' : '') : side
}

export function diffTitle({ path, left, right }: DiffSides): string {
  const what = right === 'file' ? (left === 'index' ? 'changes' : `against ${sideName(left)}`) : sideName(right)
  return `${nameOf(path)} (${what})`
}
