import type { Row } from './file-tree.ts'
import { parentOf } from './paths.ts'

/** What a key does in the tree, as the WAI-ARIA tree pattern and VS Code have it. */
export type TreeAction =
  | { kind: 'focus' | 'extend'; row: Row }
  | { kind: 'open' | 'toggle' | 'mark'; row: Row }
  | { kind: 'all' | 'narrow' }
  | { kind: 'rename' | 'trash' | 'delete' | 'cut' | 'copy' | 'paste' | 'undo' | 'redo' | 'copyPath' }

export interface TreeKey {
  key: string
  ctrl: boolean
  shift: boolean
  alt: boolean
}

/** `current`: index of the focused row, -1 for none; `page`: rows in sight. Undefined for a key the tree does not take. */
export function treeAction(
  { key, ctrl, shift, alt }: TreeKey,
  rows: readonly Row[],
  current: number,
  page: number,
): TreeAction | undefined {
  if (alt) return shift && key.toLowerCase() === 'c' ? { kind: 'copyPath' } : undefined
  const named = ctrl ? withCtrl(key, shift) : plain(key, shift)
  if (named) return named
  const target = goal(key, current, page, rows.length - 1)
  if (target !== undefined) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, target))]
    return row && { kind: shift ? 'extend' : 'focus', row }
  }
  const row = rows[current]
  if (!row || row.kind === 'note') return undefined
  switch (key) {
    case ' ':
      return { kind: ctrl ? 'mark' : 'open', row }
    case 'Enter':
      return { kind: 'open', row }
    case 'ArrowRight': {
      if (!row.folder) return undefined
      const below = rows[current + 1]
      return !row.expanded ? { kind: 'toggle', row } : below && { kind: 'focus', row: below }
    }
    case 'ArrowLeft': {
      if (row.folder && row.expanded) return { kind: 'toggle', row }
      const parent = rows.find(({ path }) => path === parentOf(row.path))
      return parent && { kind: 'focus', row: parent }
    }
  }
  return undefined
}

function withCtrl(key: string, shift: boolean): TreeAction | undefined {
  switch (key.toLowerCase()) {
    case 'a':
      return { kind: 'all' }
    case 'x':
      return { kind: 'cut' }
    case 'c':
      return shift ? undefined : { kind: 'copy' }
    case 'v':
      return { kind: 'paste' }
    case 'z':
      return { kind: shift ? 'redo' : 'undo' }
    case 'y':
      return { kind: 'redo' }
    case 'backspace':
      return { kind: 'trash' }
  }
  return undefined
}

function plain(key: string, shift: boolean): TreeAction | undefined {
  switch (key) {
    case 'F2':
      return { kind: 'rename' }
    case 'Delete':
      return { kind: shift ? 'delete' : 'trash' }
    case 'Escape':
      return { kind: 'narrow' }
  }
  return undefined
}

function goal(key: string, current: number, page: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return current + 1
    case 'ArrowUp':
      return current - 1
    case 'PageDown':
      return current + page
    case 'PageUp':
      return current - page
    case 'Home':
      return 0
    case 'End':
      return last
  }
  return undefined
}

/** Letters typed one after the other within this time are one beginning of a name. */
const TYPING_MS = 900

/** Type-ahead: finds the next row whose name begins with what was typed. */
export class TypeAhead {
  #typed = ''
  #at = Number.NEGATIVE_INFINITY

  /** `now` in milliseconds. Undefined when no row's name begins so. */
  find(letter: string, rows: readonly Row[], current: number, now: number): Row | undefined {
    this.#typed = now - this.#at > TYPING_MS ? letter : this.#typed + letter
    this.#at = now
    const typed = this.#typed.toLowerCase()
    // The same letter again and again goes from one to the next.
    const isOneLetter = [...typed].every((one) => one === typed[0])
    const wanted = isOneLetter ? (typed[0] ?? '') : typed
    const begin = isOneLetter ? current + 1 : Math.max(0, current)
    const order = [...rows.slice(begin), ...rows.slice(0, begin)]
    return order.find(({ name, kind }) => kind !== 'note' && name.toLowerCase().startsWith(wanted))
  }
}
