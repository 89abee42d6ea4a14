import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, copyFile, lstat, rename, symlink, unlink } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { type Extract, extract, type Header } from 'tar-stream'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import { drained } from './drained.ts'
import type { ProjectBytes } from './project-bytes.ts'
import { explain, notA } from './project-errors.ts'
import { TEMPORARY } from './project-listing.ts'
import type { Place, ProjectRoot } from './project-path.ts'

/** Names of what was left out that are told. */
const MAX_TOLD = 100

export interface UnpackOptions {
  root: ProjectRoot
  bytes: ProjectBytes
  /** Where an entry of this name goes, relative to the root; undefined leaves it out. '' is the root itself. */
  placeOf: (name: string) => string | undefined
  /** Leaves links out that lead out of the root. Nothing is ever written through one. */
  onlyLinksInside?: boolean
  /** Told of each file once it is there. */
  onFile?: (bytes: number) => void
}

export interface Unpacked {
  files: number
  folders: number
  links: number
  bytes: number
  /** What is no file, folder or link, or a link that is not wanted: the first of them. */
  leftOut: string[]
}

/**
 * Unpacks a tar archive while it comes. Each file is there whole or not at all; modes, times and links are kept, owners
 * and the bits that lend rights (setuid) are not. Names that are absolute, hold `..` or lead through a link out of the
 * root are refused, and all that follows with them.
 */
export async function unpackTree(chunks: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<Unpacked> {
  const archive = extract()
  const feeding = feed(chunks, archive)
  feeding.catch((error: Error) => archive.destroy(error))
  const unpacking = new Unpacking(options)
  try {
    for await (const entry of archive) {
      await unpacking.add(entry.header, entry as unknown as AsyncIterable<Uint8Array>)
      // What of it nobody wanted.
      entry.resume()
    }
    await feeding
  } catch (error) {
    archive.destroy()
    throw asProblem(error)
  }
  return unpacking.done
}

class Unpacking {
  readonly done: Unpacked = { files: 0, folders: 0, links: 0, bytes: 0, leftOut: [] }
  readonly #options: UnpackOptions
  readonly #folders = new Set<string>([''])

  constructor(options: UnpackOptions) {
    this.#options = options
  }

  async add(header: Header, body: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#placeOf(header.name)
    if (path === undefined) return
    const { type } = header
    if (type === 'directory') return this.#folder(path, header.mode)
    if (path === '') throw notA('folder', header.name)
    if (type === 'file' || type === 'contiguous-file') return this.#file(path, header, body)
    if (type === 'symlink') return this.#link(path, header)
    if (type === 'link') return this.#copy(path, header)
    this.#leaveOut(header.name)
  }

  #placeOf(name: string): string | undefined {
    // `..` and the like are refused where the path is used.
    if (name.startsWith('/')) {
      throw new OmegaError(
        'INVALID_REQUEST',
        `The archive holds the absolute path ${quote(name)}; all must be relative.`,
      )
    }
    const parts = name.split('/').filter((part) => part !== '' && part !== '.')
    return this.#options.placeOf(parts.join('/'))
  }

  async #folder(path: string, mode: number): Promise<void> {
    await this.#makeFolder(path)
    // Its owner must be able to fill it.
    if (path !== '') await this.#options.root.existing(path, ({ place }) => chmod(place, (mode & 0o777) | 0o700))
    this.done.folders++
  }

  async #file(path: string, { size, mode, mtime }: Header, body: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#makeFolder(parentOf(path))
    await this.#options.bytes.receive(path, body, {
      size,
      replace: true,
      mode: mode & 0o777,
      modified: mtime,
      overLinks: true,
      folderIsThere: true,
    })
    this.#counted(size)
  }

  /** A second name of a file in the archive becomes a second file. */
  async #copy(path: string, header: Header): Promise<void> {
    const source = this.#placeOf(header.linkname)
    if (source === undefined || source === '') return this.#leaveOut(header.name)
    await this.#makeFolder(parentOf(path))
    const { root } = this.#options
    const copy = async (from: Place) => {
      const found = await lstat(from.place)
      if (!found.isFile()) throw notA('file', header.linkname, found)
      const put = (temporary: string) => copyFile(from.place, temporary, constants.COPYFILE_EXCL)
      await root.entry(path, (to) => settle(to, path, put)).catch(explain(path))
      this.#counted(found.size)
    }
    await root.entry(source, copy).catch(explain(header.linkname))
  }

  async #link(path: string, { name, linkname }: Header): Promise<void> {
    const target = posix.normalize(posix.join(parentOf(path), linkname))
    const leadsOut = linkname.startsWith('/') || target === '..' || target.startsWith('../')
    if (linkname === '' || (leadsOut && this.#options.onlyLinksInside)) return this.#leaveOut(name)
    await this.#makeFolder(parentOf(path))
    const put = (temporary: string) => symlink(linkname, temporary)
    await this.#options.root.entry(path, (to) => settle(to, path, put)).catch(explain(path))
    this.done.links++
  }

  async #makeFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return
    await this.#options.root.makeFolder(path).catch(explain(path))
    this.#folders.add(path)
  }

  #counted(size: number): void {
    this.done.files++
    this.done.bytes += size
    this.#options.onFile?.(size)
  }

  #leaveOut(name: string): void {
    if (this.done.leftOut.length < MAX_TOLD) this.done.leftOut.push(name)
  }
}

/** Makes something beside its place and then puts it there, in the place of a file or a link. */
async function settle({ place }: Place, path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const there = await lstat(place).catch(() => undefined)
  if (there && !there.isFile() && !there.isSymbolicLink()) throw notA('file', path, there)
  const temporary = join(dirname(place), TEMPORARY + randomBytes(9).toString('base64url'))
  try {
    await make(temporary)
    await rename(temporary, place)
  } finally {
    await unlink(temporary).catch(() => undefined)
  }
}

/** No faster than it is unpacked. */
async function feed(chunks: AsyncIterable<Uint8Array>, archive: Extract): Promise<void> {
  for await (const chunk of chunks) {
    if (archive.destroying) return
    if (chunk.length === 0 || archive.write(chunk)) continue
    await drained(archive)
  }
  archive.end(null)
}

function asProblem(error: unknown): unknown {
  const words = error instanceof Error ? error.message : ''
  if (!/tar header|Invalid header|Unexpected end of data|Header exceeds|pax/i.test(words)) return error
  return new OmegaError('INVALID_REQUEST', `This is no whole tar archive (${words.replace(/\.$/, '')}).`)
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}
