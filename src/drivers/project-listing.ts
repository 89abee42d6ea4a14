import { Buffer } from 'node:buffer'
import type { Dirent, Stats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entry, KnownEntry } from '../core/wire/operations/files.ts'

/** Entries of one folder that are told of; nobody scrolls through more. */
export const MAX_ENTRIES = 50_000
/** Of an answer, as JSON: names may be long, and one answer must not hold up a page's other ones. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024
/** Begins the names of files on their way to being renamed; never listed or told of. */
export const TEMPORARY = '.omega-save-'

/** What is in a folder, by what the folder itself says: no entry is looked at, so that a huge one answers quickly. */
export async function listFolder(place: string): Promise<{ entries: Entry[]; truncated?: true }> {
  const entries: Entry[] = []
  let bytes = 0
  for await (const entry of await opendir(place, { bufferSize: 1024 })) {
    const { name } = entry
    if (name.startsWith(TEMPORARY)) continue
    bytes += Buffer.byteLength(JSON.stringify(name)) + 30
    if (entries.length === MAX_ENTRIES || bytes > MAX_LISTING_BYTES) return { entries, truncated: true }
    entries.push({ name, kind: isNameable(name) ? kindOf(entry) : 'other' })
  }
  return { entries }
}

/** Those of the names that are there, with their sizes and times. */
export async function lookAt(place: string, names: readonly string[]): Promise<KnownEntry[]> {
  const found: KnownEntry[] = []
  for (const name of names) {
    const stat = await lstat(join(place, name)).catch(() => undefined)
    if (stat) found.push({ name, kind: kindOf(stat), size: stat.size, modified: Math.round(stat.mtimeMs) })
  }
  return found
}

export function kindOf(entry: Dirent | Stats): Entry['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

/** A name that is not UTF-8 cannot be asked for again; it is shown, but as nothing that can be opened. */
function isNameable(name: string): boolean {
  return !name.includes('\ufffd')
}
