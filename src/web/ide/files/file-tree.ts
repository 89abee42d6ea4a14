import type { Entry } from '../../../core/wire/operations/files.ts'
import { Store } from '../../shared/store.ts'
import { type FolderListing, isFolder, listingOf, patched } from './folder-listing.ts'
import { IgnoredNames } from './ignored-names.ts'
import { isWithin, joinPath, nameOf, parentOf } from './paths.ts'
import { Turns } from './turns.ts'

/** The worker as the tree sees it. */
export interface DirectoryAccess {
  list(path: string): Promise<{ entries: Entry[]; truncated?: true }>
  /** Those of the names that are there. */
  look(path: string, names: string[]): Promise<Entry[]>
  /** Names in a folder that git ignores. */
  ignored(path: string): Promise<string[]>
  watch(path: string): Promise<void>
  unwatch(path: string): Promise<void>
}

/** A visible line of the tree; a note is a sentence about the folder above it. */
export interface Row {
  path: string
  name: string
  kind: Entry['kind'] | 'note'
  /** Can be opened: a folder, or a link to one. */
  folder: boolean
  /** From 1. */
  level: number
  expanded: boolean
  loading: boolean
  ignored: boolean
  position: number
  siblings: number
}

export interface TreeState {
  rows: readonly Row[]
  /** The top folder was listed once. */
  loaded: boolean
  /** Why the last listing of the top folder did not succeed. */
  problem?: string
}

export interface FileTreeOptions {
  access: DirectoryAccess
  /** Folders open last time. */
  expanded: readonly string[]
  /** Told whenever they change. */
  onExpanded: (paths: string[]) => void
  /** Does what is given soon, so that many changes are drawn once. */
  soon: (draw: () => void) => void
}

/** Folders listed at once; the worker takes only so many requests, and others have some as well. */
const AT_ONCE = 4
/** More changed names than this are had faster by listing the folder again. */
const MOST_LOOKS = 200

/** The file tree: folders are listed and watched when they are opened, and forgotten when they are closed. */
export class FileTree {
  readonly state = new Store<TreeState>({ rows: [], loaded: false })
  readonly #options: FileTreeOptions
  readonly #listings = new Map<string, FolderListing>()
  readonly #ignored: IgnoredNames
  readonly #expanded: Set<string>
  /** Of a folder, one thing after the other: an old listing must not take the place of a new one. */
  readonly #turns = new Turns(AT_ONCE)
  #drawing = false
  #problem: string | undefined

  constructor(options: FileTreeOptions) {
    this.#options = options
    this.#expanded = new Set(options.expanded)
    this.#ignored = new IgnoredNames(options.access.ignored, () => this.#draw())
  }

  /** Lists and watches everything open; to be called at the beginning of each session. */
  async connect(): Promise<void> {
    const open = ['', ...this.#expanded].filter((path) => this.#isVisible(path))
    await Promise.all(open.map((path) => this.#open(path)))
  }

  async expand(path: string): Promise<void> {
    if (this.#expanded.has(path)) return
    this.#expanded.add(path)
    this.#remember()
    this.#draw()
    await this.#open(path)
    const below = [...this.#expanded].filter((other) => other !== path && isWithin(other, path))
    await Promise.all(below.filter((other) => this.#isVisible(other)).map((other) => this.#open(other)))
  }

  collapse(path: string): void {
    if (!this.#expanded.delete(path)) return
    this.#remember()
    this.#forget(path)
    this.#draw()
  }

  collapseAll(): void {
    for (const path of [...this.#expanded]) this.#forget(path)
    this.#expanded.clear()
    this.#remember()
    this.#draw()
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

  /** Shows what has become of names in a folder, or of all of it; to be called on `files.changed`. */
  async changed(directory: string, names: readonly string[] = []): Promise<void> {
    if (!this.#listings.has(directory)) return
    if (names.length === 0 || names.length > MOST_LOOKS) await this.#list(directory)
    else await this.#look(directory, [...names])
    if (names.includes('.gitignore')) this.#ignored.again((listed) => isWithin(listed, directory))
  }

  /** A file or folder is called differently now: what was open below it stays open. */
  async renamed(from: string, to: string): Promise<void> {
    const moving = [...this.#expanded].filter((path) => isWithin(path, from))
    this.#forget(from)
    for (const path of moving) {
      this.#expanded.delete(path)
      this.#expanded.add(to + path.slice(from.length))
    }
    if (moving.length > 0) this.#remember()
    const names = (path: string) => this.changed(parentOf(path), [nameOf(path)])
    await Promise.all([names(from), names(to)])
    const open = moving.map((path) => to + path.slice(from.length)).filter((path) => this.#isVisible(path))
    await Promise.all(open.filter((path) => !this.#listings.has(path)).map((path) => this.#open(path)))
  }

  async #open(path: string): Promise<void> {
    await Promise.all([this.#list(path), this.#options.access.watch(path).catch(() => {})])
  }

  #list(path: string): Promise<void> {
    return this.#turns.take(path, async () => {
      // Closed meanwhile.
      if (!this.#isVisible(path)) return
      await this.#fill(path, async () => {
        const { entries, truncated } = await this.#options.access.list(path)
        return listingOf(entries, truncated === true)
      })
    })
  }

  #look(path: string, names: string[]): Promise<void> {
    return this.#turns.take(path, async () => {
      const known = this.#listings.get(path)
      if (known) await this.#fill(path, async () => patched(known, names, await this.#options.access.look(path, names)))
    })
  }

  async #fill(path: string, read: () => Promise<FolderListing>): Promise<void> {
    try {
      const listing = await read()
      if (!this.#isVisible(path)) return
      this.#listings.set(path, listing)
      if (path === '') this.#problem = undefined
      if (!this.#isIgnored(path)) this.#ignored.ask(path)
      this.#openAgain(path, listing)
    } catch (error) {
      // The folder is gone, and what is above says so by itself; or there is no connection, and all is listed again.
      if (path !== '') this.#forget(path)
      else this.#problem = error instanceof Error ? error.message : ''
    }
    this.#draw()
  }

  /** Folders that went and came back, as with another branch, are shown as they were. */
  #openAgain(path: string, { entries }: FolderListing): void {
    if (this.#expanded.size === 0) return
    for (const entry of entries) {
      const folder = isFolder(entry) ? joinPath(path, entry.name) : undefined
      if (folder !== undefined && this.#expanded.has(folder) && !this.#listings.has(folder)) void this.#open(folder)
    }
  }

  #forget(path: string): void {
    for (const listed of [...this.#listings.keys()]) {
      if (!isWithin(listed, path)) continue
      this.#listings.delete(listed)
      this.#ignored.forget(listed)
      this.#options.access.unwatch(listed).catch(() => {})
    }
  }

  #remember(): void {
    this.#options.onExpanded([...this.#expanded])
  }

  #isVisible(path: string): boolean {
    for (let folder = path; folder !== ''; folder = parentOf(folder)) if (!this.#expanded.has(folder)) return false
    return true
  }

  #isIgnored(path: string): boolean {
    for (let at = path; at !== ''; at = parentOf(at)) if (this.#ignored.has(parentOf(at), nameOf(at))) return true
    return false
  }

  #draw(): void {
    if (this.#drawing) return
    this.#drawing = true
    this.#options.soon(() => {
      this.#drawing = false
      this.#publish()
    })
  }

  #publish(): void {
    const rows: Row[] = []
    const add = (directory: string, level: number, inIgnored: boolean) => {
      const listing = this.#listings.get(directory)
      const entries = listing?.entries ?? []
      entries.forEach((entry, index) => {
        const path = joinPath(directory, entry.name)
        const folder = isFolder(entry)
        const expanded = folder && this.#expanded.has(path)
        const loading = expanded && !this.#listings.has(path)
        const ignored = inIgnored || this.#ignored.has(directory, entry.name)
        const place = { position: index + 1, siblings: entries.length }
        rows.push({ path, name: entry.name, kind: entry.kind, folder, level, expanded, loading, ignored, ...place })
        if (expanded) add(path, level + 1, ignored)
      })
      if (listing?.truncated) rows.push(noteOf(directory, entries.length, level))
    }
    add('', 1, false)
    const problem = this.#problem === undefined ? {} : { problem: this.#problem }
    this.state.set({ rows, loaded: this.#listings.has(''), ...problem })
  }
}

function noteOf(directory: string, shown: number, level: number): Row {
  const name = `Only ${shown.toLocaleString('en')} are shown here; there are more.`
  const flags = { folder: false, expanded: false, loading: false, ignored: false }
  // No path holds a NUL.
  return { path: `${directory}\0`, name, kind: 'note', level, ...flags, position: shown, siblings: shown }
}
