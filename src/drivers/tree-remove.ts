import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { forEach } from './tree-walk.ts'

/** Removes a file or folder of ours for good, also where its folders may not be written to (caches often are so). */
export async function removeTree(place: string): Promise<void> {
  try {
    await rm(place, { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    await openFolders(place)
    await rm(place, { recursive: true, force: true })
  }
}

async function openFolders(place: string): Promise<void> {
  if (!(await lstat(place)).isDirectory()) return
  await chmod(place, 0o700)
  const folders = (await readdir(place, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  await forEach(folders, ({ name }) => openFolders(join(place, name)))
}
