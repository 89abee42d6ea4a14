import { join } from 'node:path'
import type { Repository } from './repository.ts'
import { decode, splitRecords } from './status.ts'

/** Folders of a working tree that are watched; of one with more, those nearest to its root. */
export const MAX_FOLDERS = 3_000

/** The folders git cares for: those with files of the last commit, and of what is new. Absolute. */
export class WorktreeFolders {
  #commit: string | undefined
  #committed: readonly string[] = []

  /** `truncated`: there are more than are watched. */
  async list(repository: Repository): Promise<{ folders: string[]; truncated: boolean }> {
    const { git, root, state } = repository
    if (state.commit !== this.#commit) {
      this.#commit = state.commit
      this.#committed = state.commit === undefined ? [] : await foldersOf(repository, state.commit)
    }
    const folders = new Set(['', ...this.#committed])
    const prefix = root === '' ? 0 : root.length + 1
    for (const { path } of state.changes) {
      const inner = path.slice(prefix)
      for (let end = inner.lastIndexOf('/'); end > 0; end = inner.lastIndexOf('/', end - 1)) {
        const folder = inner.slice(0, end)
        if (folders.has(folder)) break
        folders.add(folder)
      }
    }
    const sorted = [...folders].sort((a, b) => depthOf(a) - depthOf(b))
    const kept = sorted.slice(0, MAX_FOLDERS).map((folder) => join(git.folder, folder))
    return { folders: kept, truncated: sorted.length > MAX_FOLDERS }
  }
}

async function foldersOf({ git }: Repository, commit: string): Promise<string[]> {
  const words = ['ls-tree', '-r', '-d', '-z', '--name-only', commit]
  const { stdout } = await git.run(words, { lockless: true, maxBytes: 4 * 1024 * 1024 })
  return splitRecords(stdout).map((record) => decode(record).text)
}

function depthOf(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length
}
