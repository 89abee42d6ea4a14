import { mkdtemp, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { TEMPORARY } from './project-listing.ts'
import { removeTree } from './tree-remove.ts'

/** A new empty folder inside a project, on its disk and listed nowhere, for what shall take the place of all its files. */
export async function newContentFolder(root: string): Promise<string> {
  for (const name of await readdir(root)) {
    // One of a worker that was killed.
    if (name.startsWith(`${TEMPORARY}content-`)) await removeTree(join(root, name))
  }
  return mkdtemp(join(root, `${TEMPORARY}content-`))
}

/**
 * Removes all of a project's files and puts those of `content` there, a folder from `newContentFolder`, which is gone
 * afterwards. The project's own folder stays: programs run in it.
 */
export async function replaceContent(root: string, content: string): Promise<void> {
  for (const name of await readdir(root)) if (!name.startsWith(TEMPORARY)) await removeTree(join(root, name))
  for (const name of await readdir(content)) await rename(join(content, name), join(root, name))
  await removeTree(content)
}
