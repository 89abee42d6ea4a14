import type { FSWatcher } from 'node:fs'
import { watchFolder } from './inotify.ts'

/** Watches a set of folders, each for itself and not below it. */
export class FolderWatch {
  readonly #onChange: (folder: string, name: string, isNew: boolean) => void
  readonly #watchers = new Map<string, FSWatcher>()
  /** The kernel has no room for all of them (inotify's limit): somebody has to look from time to time. */
  isShort = false

  constructor(onChange: (folder: string, name: string, isNew: boolean) => void) {
    this.#onChange = onChange
  }

  /** Absolute paths; what is not there is left out until the next time. */
  set(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue
      this.#watchers.delete(folder)
      watcher.close()
    }
    this.isShort = false
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#add(folder)
  }

  close(): void {
    this.set(new Set())
  }

  #add(folder: string): void {
    try {
      const watcher = watchFolder(
        folder,
        (kind, name) => this.#onChange(folder, name ?? '', kind === 'rename'),
        () => this.#onChange(folder, '', true),
      )
      watcher.on('error', () => this.#drop(folder, watcher))
      this.#watchers.set(folder, watcher)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOSPC' || code === 'EMFILE') this.isShort = true
    }
  }

  #drop(folder: string, watcher: FSWatcher): void {
    watcher.close()
    if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder)
  }
}
