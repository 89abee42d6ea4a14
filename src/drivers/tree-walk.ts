import { constants, type Dirent } from 'node:fs'
import { access, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** What a page is told of long work, and how it ends it. */
export interface LongWork {
  signal?: AbortSignal | undefined
  /** `files` of `total` are done. */
  onProgress?: ((files: number, total?: number) => void) | undefined
}

/** Entries looked at or copied at once: more than the threads there are for it gain nothing. */
const AT_ONCE = 16

export interface TreeSize {
  entries: number
  /** As the disk counts them; what a file has not filled takes none. */
  bytes: number
}

/** Measures a file or a folder with all in it, as far as it may be looked into; links are not followed. */
export async function measureTree(place: string, work: LongWork = {}): Promise<TreeSize> {
  const size: TreeSize = { entries: 0, bytes: 0 }
  const visit = async (at: string): Promise<void> => {
    work.signal?.throwIfAborted()
    const stat = await lstat(at)
    size.entries++
    size.bytes += stat.blocks * 512
    if (stat.isDirectory())
      await forEach(await readdir(at, { withFileTypes: true }), ({ name }) => visit(join(at, name)))
  }
  await visit(place)
  return size
}

/** Refuses to go on, as the kernel would, when something in this folder could not be taken out of it. */
export function mayTakeFrom(folder: string): Promise<void> {
  return access(folder, constants.W_OK | constants.X_OK)
}

/** Does something with each entry, several at once, folders one after the other. */
export async function forEach(entries: readonly Dirent[], work: (entry: Dirent) => Promise<void>): Promise<void> {
  const folders = entries.filter((entry) => entry.isDirectory())
  const others = entries.filter((entry) => !entry.isDirectory())
  let next = 0
  const take = async () => {
    for (let entry = others[next++]; entry; entry = others[next++]) await work(entry)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, others.length) }, take))
  for (const folder of folders) await work(folder)
}
