import type { Entry } from '../../../core/wire/operations/files.ts'
import { joinPath } from './paths.ts'

const SKIPPED = new Set(['node_modules', '.git', '.next', '.vite', 'dist', '__pycache__', '.venv', '.cache'])
const MOST_FILES = 10_000

/**
 * Paths of the project's files, breadth first, told in growing lists as folders are listed; `stopped` ends the walk.
 * Folders of dependencies and build results are left out.
 */
export async function walkFiles(
  list: (path: string) => Promise<Entry[]>,
  found: (paths: readonly string[]) => void,
  stopped: () => boolean,
): Promise<void> {
  const files: string[] = []
  let level = ['']
  while (level.length > 0 && files.length < MOST_FILES && !stopped()) {
    const next: string[] = []
    for (let at = 0; at < level.length && !stopped(); at += 8) {
      const folders = level.slice(at, at + 8)
      const listings = await Promise.all(folders.map((folder) => list(folder).catch(() => [] as Entry[])))
      listings.forEach((entries, index) => {
        for (const { name, kind } of entries) {
          const path = joinPath(folders[index] ?? '', name)
          if (kind === 'file') files.push(path)
          else if (kind === 'directory' && !SKIPPED.has(name)) next.push(path)
        }
      })
      found([...files])
    }
    level = next
  }
}
