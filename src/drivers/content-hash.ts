import { createHash } from 'node:crypto'
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** SHA-256 of the parts, in hexadecimal; parts cannot run into each other. */
export function hashOf(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex')
}

/**
 * SHA-256 of a folder or a file: every file's path and content, whatever its times and owner. `skip` gets paths
 * relative to the folder, with `/`.
 */
export async function hashFolder(folder: string, skip: (path: string) => boolean = () => false): Promise<string> {
  const parts: string[] = []
  if (!(await stat(folder)).isDirectory()) return hashOf(await readFile(folder, 'latin1'))
  const walk = async (current: string): Promise<void> => {
    const entries = await readdir(current, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(current, entry.name)
      const shown = relative(folder, path).split(sep).join('/')
      if (skip(shown)) continue
      if (entry.isDirectory()) await walk(path)
      else if (entry.isSymbolicLink()) parts.push(shown, `-> ${await readlink(path)}`)
      else if (entry.isFile()) parts.push(shown, hashOf(await readFile(path, 'latin1')))
    }
  }
  await walk(folder)
  return hashOf(...parts)
}
