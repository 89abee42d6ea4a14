import type { Entry } from '../../../core/wire/operations/files.ts'
import { Store } from '../../shared/store.ts'
import { isWithin, joinPath, parentOf } from './paths.ts'

/** The worker as the tree sees it. */
export interface DirectoryAccess {
  list(path: string): Promise<Entry[]>
  watch(path: string): Promise<void>
  unwatch(path: string): Promise<void>
}

/** A visible line of the tree. */
export interface Row {
  path: string
  name: string
  kind: Entry['kind']
  /** From 1. */
  level: number
  expanded: boolean
  loading: boolean
  position: number
  siblings: number
}

export interface TreeState {
  rows: Row[]
  /** The top folder was listed once. */
  loaded: boolean
  /** Why the last listing did not succeed. */
  problem?: string
}

/** The file tree: folders are listed and watched when they are opened, and forgotten when they are closed. */
export class FileTree {
  readonly state = new Store<TreeState>({ rows: [], loaded: false })
  readonly #access: DirectoryAccess
  readonly #listings = new Map<string, Entry[]>()
  readonly #expanded: Set<string>
  readonly #onExpanded: (paths: string[]) => void

  /** `expanded`: folders open last time; `onExpanded` is told whenever they change. */
  constructor(access: DirectoryAccess, expanded: string[], onExpanded: (paths: string[]) => void) {
    this.#access = access
    this.#expanded = new Set(expanded)
    this.#onExpanded = onExpanded
  }

  /** Lists and watches everything open; to be called after each (re)connect. */
  async connect(): Promise<void> {
    const open = ['', ...this.#expanded].filter((path) => this.#isVisible(path))
    await Promise.all(open.map((path) => this.#open(path)))
  }

  async expand(path: string): Promise<void> {
    if (this.#expanded.has(path)) return
    this.#expanded.add(path)
    this.#onExpanded([...this.#expanded])
    this.#publish()
    await this.#open(path)
    const below = [...this.#expanded].filter((other) => parentOf(other) === path)
    await Promise.all(below.map((other) => this.#open(other)))
  }

  collapse(path: string): void {
    if (!this.#expanded.delete(path)) return
    this.#onExpanded([...this.#expanded])
    for (const listed of [...this.#listings.keys()]) {
      if (!isWithin(listed, path)) continue
      this.#listings.delete(listed)
      this.#access.unwatch(listed).catch(() => {})
    }
    this.#publish()
  }

  toggle(path: string): void {
    if (this.#expanded.has(path)) this.collapse(path)
    else void this.expand(path)
  }

  /** Opens the folders above `path`. */
  async reveal(path: string): Promise<void> {
    const above: string[] = []
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) above.unshift(folder)
    for (const folder of above) await this.expand(folder)
  }

  /** Lists again what the tree shows of `directory`; to be called on `files.changed`. */
  async changed(directory: string): Promise<void> {
    if (this.#listings.has(directory)) await this.#list(directory)
  }

  async #open(path: string): Promise<void> {
    await Promise.all([this.#list(path), this.#access.watch(path).catch(() => {})])
  }

  async #list(path: string): Promise<void> {
    try {
      const entries = await this.#access.list(path)
      this.#listings.set(path, entries.sort(byKindAndName))
      this.#publish()
    } catch (error) {
      if (path !== '') {
        // The folder is gone: what is above says so by itself.
        this.#listings.delete(path)
        this.#publish()
      } else this.state.update((state) => ({ ...state, problem: error instanceof Error ? error.message : '' }))
    }
  }

  #isVisible(path: string): boolean {
    for (let folder = path; folder !== ''; folder = parentOf(folder)) if (!this.#expanded.has(folder)) return false
    return true
  }

  #publish(): void {
    const rows: Row[] = []
    const add = (directory: string, level: number) => {
      const entries = this.#listings.get(directory) ?? []
      entries.forEach((entry, index) => {
        const path = joinPath(directory, entry.name)
        const expanded = entry.kind === 'directory' && this.#expanded.has(path)
        const loading = expanded && !this.#listings.has(path)
        const place = { position: index + 1, siblings: entries.length }
        rows.push({ path, name: entry.name, kind: entry.kind, level, expanded, loading, ...place })
        if (expanded) add(path, level + 1)
      })
    }
    add('', 1)
    this.state.set({ rows, loaded: this.#listings.has('') })
  }
}

function byKindAndName(a: Entry, b: Entry): number {
  const folders = Number(b.kind === 'directory') - Number(a.kind === 'directory')
  return folders || a.name.localeCompare(b.name, undefined, { numeric: true, sensitivity: 'base' })
}
