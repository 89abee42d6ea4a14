import { constants } from 'node:fs'
import { access, lstat, open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { OmegaError } from '../core/errors.ts'
import { explain, notA } from './project-errors.ts'
import { TEMPORARY } from './project-listing.ts'
import type { ProjectRoot } from './project-path.ts'

/** Once more compressed these become no smaller, only later. */
const COMPRESSED =
  /\.(?:zip|gz|tgz|bz2|xz|zst|br|7z|png|jpe?g|gif|webp|avif|mp[34]|m4a|webm|ogg|woff2?|jar|pdf|docx|xlsx)$/i
/** Files and folders of one archive: the archive's index is made in memory. */
const MAX_ENTRIES = 200_000
const LINK_MODE = 0o120777

export interface ArchiveOptions {
  /** Those of a folder's entries (its absolute path, their names) that are left out. */
  leaveOut: (folder: string, names: string[]) => Promise<readonly string[]>
}

/**
 * A zip file of files and folders of the project, made while it is read. Links are stored as links and followed nowhere;
 * pipes, sockets, devices and what may not be read are left out, and a note in the archive says so.
 */
export async function archive(root: ProjectRoot, paths: readonly string[], options: ArchiveOptions): Promise<Readable> {
  return new Archive(options).begin(await topsOf(root, paths))
}

/** What is to be packed, after a look at it. */
export async function topsOf(root: ProjectRoot, paths: readonly string[]): Promise<Top[]> {
  const tops: Top[] = []
  for (const path of paths) tops.push(await topOf(root, path, paths.length === 1).catch(explain(path)))
  return tops
}

export interface Top {
  /** Absolute. */
  place: string
  /** What it is called in the archive; '' for the project's own folder. */
  name: string
}

/** One thing is called by its name, several by their paths: they may have the same names. */
async function topOf(root: ProjectRoot, path: string, alone: boolean): Promise<Top> {
  if (path === '') return { place: await root.real(''), name: '' }
  const place = await root.entry(path, async (at) => at.real)
  const kind = await lstat(place)
  if (!kind.isDirectory() && !kind.isFile() && !kind.isSymbolicLink()) throw notA('file', path, kind)
  return { place, name: alone ? (path.split('/').at(-1) ?? path) : path }
}

class Archive {
  readonly #options: ArchiveOptions
  readonly #zip = new ZipFile()
  readonly #output = this.#zip.outputStream as Readable
  readonly #leftOut: string[] = []
  #entries = 0
  #reading: Readable | undefined

  constructor(options: ArchiveOptions) {
    this.#options = options
    this.#zip.on('error', (error: Error) => this.#output.destroy(error))
    this.#output.on('close', () => this.#reading?.destroy())
  }

  begin(tops: readonly Top[]): Readable {
    this.#addAll(tops).catch((error: Error) => this.#output.destroy(error))
    return this.#output
  }

  async #addAll(tops: readonly Top[]): Promise<void> {
    for (const { place, name } of tops) await this.#add(place, name)
    if (this.#leftOut.length > 0) {
      this.#zip.addBuffer(Buffer.from(`Not in this archive:\n\n${this.#leftOut.join('\n')}\n`), 'LEFT-OUT.txt')
    }
    this.#zip.end()
  }

  async #add(place: string, path: string): Promise<void> {
    // The reader is gone.
    if (this.#output.destroyed) return
    const found = await lstat(place).catch(() => undefined)
    if (!found) return
    if (++this.#entries > MAX_ENTRIES) {
      throw new OmegaError('TOO_LARGE', `More than ${MAX_ENTRIES} files cannot be downloaded at once.`)
    }
    const { mode, mtime } = found
    const name = zipName(path)
    if (found.isSymbolicLink()) {
      this.#zip.addBuffer(Buffer.from(await readlink(place)), name, { mtime, mode: LINK_MODE, compress: false })
    } else if (!found.isFile() && !found.isDirectory()) this.#leftOut.push(`${path} (a pipe, a socket or a device)`)
    else if (!(await isReadable(place, found.isDirectory()))) this.#leftOut.push(`${path} (it may not be read)`)
    else if (found.isFile()) {
      const compress = !COMPRESSED.test(path)
      this.#zip.addReadStreamLazy(name, { mtime, mode, compress }, (give) => {
        this.#read(place).then(
          (stream) => give(null, stream),
          (error: unknown) => give(error, Readable.from([])),
        )
      })
    } else {
      if (name !== '') this.#zip.addEmptyDirectory(name, { mtime, mode })
      const names = (await readdir(place)).filter((one) => !one.startsWith(TEMPORARY)).sort()
      const leftOut = new Set(await this.#options.leaveOut(place, names))
      for (const one of names)
        if (!leftOut.has(one)) await this.#add(join(place, one), path === '' ? one : `${path}/${one}`)
    }
  }

  async #read(place: string): Promise<Readable> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    const file = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stream = file.createReadStream()
    stream.on('error', (error) => this.#output.destroy(error))
    this.#reading = stream
    if (this.#output.destroyed) stream.destroy()
    return stream
  }
}

function isReadable(place: string, isFolder: boolean): Promise<boolean> {
  return access(place, isFolder ? constants.R_OK | constants.X_OK : constants.R_OK).then(
    () => true,
    () => false,
  )
}

/** What Windows takes for a drive or for folders is only letters here. */
function zipName(path: string): string {
  return path.replaceAll('\\', '_').replace(/^([a-zA-Z]):/, '$1_')
}
