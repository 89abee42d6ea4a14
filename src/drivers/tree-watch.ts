import type { FSWatcher } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { watchFolder } from './inotify.ts'

export interface TreeChange {
  /** Relative to the root, with `/`. */
  path: string
  kind: 'created' | 'changed' | 'deleted'
}

export interface TreeWatchOptions {
  root: string
  /** Whether to stay out of a folder; of its name and path. */
  skips: (name: string, path: string) => boolean
  /** At most so many folders are watched; of those beyond nothing is told. */
  maxFolders: number
  /** Changes gathered for a moment, each path once. Undefined: so many that anything may have changed. */
  onChange: (changes: TreeChange[] | undefined) => void
}

const GATHER_MS = 100
const MOST_CHANGES = 2_000

/** Tells of changes of files anywhere below a folder, but for the folders it stays out of. Follows no links. */
export class TreeWatch {
  readonly #options: TreeWatchOptions
  readonly #folders = new Map<string, FSWatcher>()
  /** Paths that are there, so that a new one can be told from a changed one. */
  readonly #known = new Set<string>()
  #touched = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: TreeWatchOptions) {
    this.#options = options
  }

  /** Resolves when every folder that is there now is watched. */
  async start(): Promise<void> {
    await this.#enter('', () => undefined)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const watcher of this.#folders.values()) watcher.close()
    this.#folders.clear()
  }

  async #enter(folder: string, found: (path: string) => void): Promise<void> {
    const { root, skips, maxFolders } = this.#options
    if (this.#closed || this.#folders.has(folder) || this.#folders.size >= maxFolders) return
    try {
      const watcher = watchFolder(
        join(root, folder),
        (_kind, name) => name !== undefined && this.#touch(folder === '' ? name : `${folder}/${name}`),
        // Each folder says so, and one is enough.
        () => folder === '' && this.#options.onChange(undefined),
      )
      watcher.on('error', () => this.#leave(folder))
      this.#folders.set(folder, watcher)
      for await (const entry of await opendir(join(root, folder))) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        this.#known.add(path)
        if (!entry.isDirectory()) found(path)
        else if (!skips(entry.name, path)) await this.#enter(path, found)
      }
    } catch {
      // It went meanwhile, or may not be read.
      this.#leave(folder)
    }
  }

  #leave(folder: string): void {
    this.#folders.get(folder)?.close()
    this.#folders.delete(folder)
  }

  #touch(path: string): void {
    this.#touched.add(path)
    this.#timer ??= setTimeout(() => void this.#tell(), GATHER_MS)
  }

  async #tell(): Promise<void> {
    const touched = this.#touched
    this.#touched = new Set()
    const changes: TreeChange[] = []
    if (touched.size <= MOST_CHANGES) for (const path of touched) await this.#look(path, changes)
    this.#timer = undefined
    if (this.#closed) return
    // What came while we looked.
    if (this.#touched.size > 0) this.#timer = setTimeout(() => void this.#tell(), GATHER_MS)
    if (touched.size > MOST_CHANGES || changes.length > MOST_CHANGES) this.#options.onChange(undefined)
    else if (changes.length > 0) this.#options.onChange(changes)
  }

  async #look(path: string, changes: TreeChange[]): Promise<void> {
    const { root, skips } = this.#options
    const stat = await lstat(join(root, path)).catch(() => undefined)
    const wasKnown = this.#known.has(path)
    if (!stat) {
      if (!wasKnown) return
      changes.push({ path, kind: 'deleted' })
      this.#known.delete(path)
      for (const folder of [...this.#folders.keys()]) if (isBelow(folder, path)) this.#leave(folder)
      for (const known of [...this.#known]) if (isBelow(known, path)) this.#known.delete(known)
      return
    }
    this.#known.add(path)
    changes.push({ path, kind: wasKnown ? 'changed' : 'created' })
    if (!stat.isDirectory() || this.#folders.has(path) || skips(path.slice(path.lastIndexOf('/') + 1), path)) return
    await this.#enter(path, (below) => changes.push({ path: below, kind: 'created' }))
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
