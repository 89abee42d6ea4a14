import { Store } from '../../shared/store.ts'
import type { Row } from './file-tree.ts'
import { isWithin } from './paths.ts'

export interface Selected {
  /** The line the keys start from. */
  readonly focused: string | undefined
  readonly paths: ReadonlySet<string>
}

/** Which lines of the tree are selected, as in every list of files: one, some (Ctrl), or all between two (Shift). */
export class TreeSelection {
  readonly state = new Store<Selected>({ focused: undefined, paths: new Set() })
  /** Where a range begins. */
  #anchor: string | undefined

  /** Only this one. */
  focus(path: string): void {
    this.#anchor = path
    this.state.set({ focused: path, paths: new Set([path]) })
  }

  /** This one as well, or not any more. */
  toggle(path: string): void {
    const paths = new Set(this.state.get().paths)
    if (!paths.delete(path)) paths.add(path)
    this.#anchor = path
    this.state.set({ focused: path, paths })
  }

  /** All from where the last one was chosen to this one. */
  extend(rows: readonly Row[], path: string): void {
    const from = rows.findIndex((row) => row.path === (this.#anchor ?? path))
    const to = rows.findIndex((row) => row.path === path)
    if (from < 0 || to < 0) {
      this.focus(path)
      return
    }
    const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1).filter(({ kind }) => kind !== 'note')
    this.state.set({ focused: path, paths: new Set(range.map((row) => row.path)) })
  }

  all(rows: readonly Row[]): void {
    const { focused } = this.state.get()
    this.state.set({
      focused: focused ?? rows[0]?.path,
      paths: new Set(rows.filter(({ kind }) => kind !== 'note').map(({ path }) => path)),
    })
  }

  /** Only the focused one again. */
  narrow(): void {
    const { focused } = this.state.get()
    if (focused !== undefined) this.focus(focused)
  }

  renamed(from: string, to: string): void {
    const moved = (path: string) => (isWithin(path, from) ? to + path.slice(from.length) : path)
    const { focused, paths } = this.state.get()
    if (![...paths, focused ?? ''].some((path) => isWithin(path, from))) return
    if (this.#anchor !== undefined) this.#anchor = moved(this.#anchor)
    this.state.set({
      focused: focused === undefined ? undefined : moved(focused),
      paths: new Set([...paths].map(moved)),
    })
  }

  /** Without what is gone; the line that is now where the focused one was takes its place. */
  removed(rows: readonly Row[], gone: readonly string[]): void {
    const isGone = (path: string) => gone.some((one) => isWithin(path, one))
    const { focused, paths } = this.state.get()
    const at = rows.findIndex(({ path }) => path === focused)
    const next = focused === undefined || !isGone(focused) ? focused : nearest(rows, at, isGone)
    const kept = new Set([...paths].filter((path) => !isGone(path)))
    if (kept.size === 0 && next !== undefined) kept.add(next)
    this.#anchor = next
    this.state.set({ focused: next, paths: kept })
  }
}

/** Without those that lie below another one: what is done to a folder is done to all in it. */
export function topmost(paths: Iterable<string>): string[] {
  const all = [...paths]
  const set = new Set(all)
  return all.filter((path) => {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      if (set.has(path.slice(0, slash))) return false
    }
    return true
  })
}

function nearest(rows: readonly Row[], at: number, isGone: (path: string) => boolean): string | undefined {
  const stays = ({ path, kind }: Row) => kind !== 'note' && !isGone(path)
  return (rows.slice(at + 1).find(stays) ?? rows.slice(0, Math.max(0, at)).findLast(stays))?.path
}
