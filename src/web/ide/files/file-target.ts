import { parentOf, shownName } from './paths.ts'

/** What the menu was opened on. */
export interface FileTarget {
  /** The line, or '' for the project's own folder. */
  path: string
  isFolder: boolean
  /** Where something new goes: the folder itself, or the one a file is in. */
  folder: string
  /** All that is selected, without what lies below other ones; only the line when it is not among them. */
  paths: readonly string[]
}

/** An entry of the menu of files and folders. */
export interface FileMenuItem {
  id: string
  /** new, open, edit, path, transfer or delete: they are shown in this order. */
  group: FileMenuGroup
  title: string
  /** As shown; who adds an item takes care that the key does it. */
  key?: string
  danger?: boolean
  /** Whether it makes sense for this; always, if absent. */
  when?: (target: FileTarget) => boolean
  run: (target: FileTarget) => void
}

export const fileMenuGroups = ['new', 'open', 'edit', 'path', 'transfer', 'delete'] as const
export type FileMenuGroup = (typeof fileMenuGroups)[number]

/** The target for a line of the tree; without one, the project's own folder. */
export function targetOf(row: { path: string; folder: boolean } | undefined, selected: readonly string[]): FileTarget {
  if (!row) return { path: '', isFolder: true, folder: '', paths: [] }
  const paths = selected.includes(row.path) ? selected : [row.path]
  return { path: row.path, isFolder: row.folder, folder: row.folder ? row.path : parentOf(row.path), paths }
}

export function labelOf({ path, paths }: FileTarget): string {
  if (paths.length > 1) return `${paths.length} files and folders`
  return path === '' ? 'The project' : shownName(path)
}
