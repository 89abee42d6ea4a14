import { OmegaError } from '../../../core/errors.ts'
import type { ProjectFiles } from '../../../drivers/project-files.ts'
import type { Page } from '../wire/page.ts'

/** Folders one page may watch: a tree with that many open folders is not looked at any more. */
const MAX_WATCHES = 500

/** The folders a page looks at. */
export class FolderWatches {
  readonly #page: Page
  readonly #watches = new Map<string, Promise<{ close(): void }>>()

  constructor(page: Page) {
    this.#page = page
  }

  async add(path: string, files: ProjectFiles): Promise<void> {
    if (this.#watches.has(path)) return
    if (this.#watches.size >= MAX_WATCHES) {
      throw new OmegaError('TOO_MANY_REQUESTS', `${MAX_WATCHES} folders are watched already. Stop watching some.`)
    }
    const watching = files.watch(path, (names) => this.#page.tell('files.changed', { directory: path, names }))
    this.#watches.set(path, watching)
    try {
      const watcher = await watching
      // Unwatched or closed while it was being set up.
      if (this.#watches.get(path) !== watching) watcher.close()
    } catch (error) {
      if (this.#watches.get(path) === watching) this.#watches.delete(path)
      throw error
    }
  }

  remove(path: string): void {
    const watching = this.#watches.get(path)
    this.#watches.delete(path)
    watching?.then((watcher) => watcher.close()).catch(() => undefined)
  }

  close(): void {
    for (const path of [...this.#watches.keys()]) this.remove(path)
  }
}
