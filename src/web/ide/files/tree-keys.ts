import type { Row } from './file-tree.ts'
import { parentOf } from './paths.ts'

/** What a key does in the tree, as the WAI-ARIA tree pattern and VS Code have it. */
export type TreeAction = { select: number } | { open: Row } | { rename: Row } | { remove: Row }

/** `current`: index of the selected row, -1 for none. Undefined for a key the tree does not take. */
export function treeAction(key: string, rows: readonly Row[], current: number): TreeAction | undefined {
  const clamp = (index: number) => ({ select: Math.max(0, Math.min(rows.length - 1, index)) })
  const row = rows[current]
  switch (key) {
    case 'ArrowDown':
      return clamp(current + 1)
    case 'ArrowUp':
      return clamp(current - 1)
    case 'Home':
      return clamp(0)
    case 'End':
      return clamp(rows.length - 1)
  }
  if (!row) return undefined
  const folder = row.kind === 'directory'
  switch (key) {
    case 'Enter':
    case ' ':
      return { open: row }
    case 'F2':
      return { rename: row }
    case 'Delete':
      return { remove: row }
    case 'ArrowRight':
      return folder && !row.expanded ? { open: row } : clamp(current + 1)
    case 'ArrowLeft': {
      if (folder && row.expanded) return { open: row }
      const parent = rows.findIndex(({ path }) => path === parentOf(row.path))
      return parent < 0 ? undefined : { select: parent }
    }
  }
  return undefined
}
