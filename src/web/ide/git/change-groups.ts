import type { Change } from '../../../core/wire/operations/git.ts'

export interface ChangeGroup {
  id: 'conflicts' | 'staged' | 'changes'
  title: string
  changes: readonly Change[]
}

/** The changes as git's users know them; a file whose changes are staged in part is in two groups. */
export function groupChanges(changes: readonly Change[]): ChangeGroup[] {
  const sorted = [...changes].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const plain = sorted.filter(({ conflict }) => conflict === undefined)
  const groups: ChangeGroup[] = [
    { id: 'conflicts', title: 'Conflicts', changes: sorted.filter(({ conflict }) => conflict !== undefined) },
    { id: 'staged', title: 'Staged', changes: plain.filter(({ index }) => index !== '.') },
    { id: 'changes', title: 'Changes', changes: plain.filter(({ worktree }) => worktree !== '.') },
  ]
  return groups.filter((group) => group.changes.length > 0)
}
