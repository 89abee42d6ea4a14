import { createHash, randomBytes } from 'node:crypto'
import { constants, type FSWatcher, type Stats, watch } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, opendir, realpath, rename, rm, unlink } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import type { Entry } from '../core/wire/frames.ts'

/** Text larger than this is no source code, and no editor's joy. */
export const MAX_FILE_BYTES = 5 * 1024 * 1024
const MAX_ENTRIES = 20_000
/** What a folder's changes are gathered for before they are told: a save is several of them. */
const DEBOUNCE_MS = 50
/** More changed names than this are told as "list it again". */
const MAX_NAMES = 1_000
/** Begins the names of files on their way to being renamed; never listed or told of. */
const TEMPORARY = '.omega-save-'
const halfSurrogate = /\p{Surrogate}/u

/**
 * The files of a project: every path is relative to `root`, with `/`, and nothing outside of it is read or written,
 * whatever `..` or symbolic link the path holds. Bad paths and files are OmegaErrors with a sentence for a person.
 */
export class ProjectFiles {
  readonly #root: Promise<string>
  readonly #writing = new Map<string, Promise<unknown>>()

  constructor(root: string) {
    this.#root = realpath(root)
    this.#root.catch(() => undefined)
  }

  /** The absolute path of a folder of the project, for a command to run in. */
  async folder(path: string): Promise<string> {
    const place = await this.#existing(path)
    if (!(await lstat(place)).isDirectory()) throw notA('folder', path)
    return place
  }

  async list(path: string): Promise<{ entries: Entry[]; truncated?: true }> {
    const place = await this.folder(path)
    const entries: Entry[] = []
    for await (const item of await opendir(place).catch(explain(path))) {
      if (item.name.startsWith(TEMPORARY)) continue
      if (entries.length === MAX_ENTRIES) return { entries, truncated: true }
      const stat = await lstat(join(place, item.name)).catch(() => undefined)
      // A name that is not UTF-8 cannot be asked for again; it is shown, but as nothing that can be opened.
      entries.push({ name: item.name, kind: stat ? kindOf(stat) : 'other', size: stat?.size ?? 0 })
    }
    return { entries }
  }

  async read(path: string): Promise<{ text: string; version: string }> {
    const bytes = await this.#bytes(await this.#existing(path), path)
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      return { text, version: versionOf(bytes) }
    } catch {
      throw new OmegaError('UNSUPPORTED_MEDIA_TYPE', `${quote(path)} is not UTF-8 text. Only text can be edited here.`)
    }
  }

  /** Whole or not at all: the text goes to a file beside it, which then takes its place and mode. */
  async write(path: string, text: string, base: string | undefined): Promise<{ version: string }> {
    if (halfSurrogate.test(text)) {
      throw new OmegaError('INVALID_REQUEST', 'The text holds half a surrogate pair, which UTF-8 cannot hold.')
    }
    const bytes = Buffer.from(text)
    if (bytes.length > MAX_FILE_BYTES) throw tooLarge(path, bytes.length)
    const place = base === undefined ? await this.#inside(path) : await this.#existing(path).catch(asConflict(path))
    return this.#alone(place, async () => {
      const mode = base === undefined ? 0o666 : await this.#checkVersion(place, path, base)
      const temporary = join(place, '..', TEMPORARY + randomBytes(9).toString('base64url'))
      const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
      const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666).catch(explain(path))
      try {
        await file.writeFile(bytes)
        if (base !== undefined) await file.chmod(mode & 0o7777)
        await file.sync()
        // Without a base it must be new: link refuses what is there already, rename would replace it.
        if (base === undefined) await link(temporary, place)
        else await rename(temporary, place)
      } catch (error) {
        return explain(path)(error)
      } finally {
        await file.close()
        await unlink(temporary).catch(() => undefined)
      }
      return { version: versionOf(bytes) }
    })
  }

  async makeDirectory(path: string): Promise<void> {
    await mkdir(await this.#inside(path)).catch(explain(path))
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [await this.#inside(from), await this.#inside(to)]
    await lstat(source).catch(explain(from))
    if (await lstat(target).catch(() => undefined)) throw exists(to)
    await rename(source, target).catch(explain(from))
  }

  /** A folder goes with all that is in it; of a link only the link. */
  async remove(path: string): Promise<void> {
    await rm(await this.#inside(path), { recursive: true }).catch(explain(path))
  }

  /**
   * Tells of changes in a folder (not below it), gathered for a moment; no names means "list it again". Ends by itself
   * when the folder goes; `close` ends it before.
   */
  async watch(path: string, onChange: (names: string[]) => void): Promise<{ close(): void }> {
    const place = await this.folder(path)
    const names = new Set<string>()
    let timer: NodeJS.Timeout | undefined
    let watcher: FSWatcher
    try {
      watcher = watch(place, { persistent: false })
    } catch (error) {
      return explain(path)(error)
    }
    const close = () => {
      clearTimeout(timer)
      watcher.close()
    }
    watcher.on('error', close)
    watcher.on('change', (_kind, name) => {
      if (typeof name === 'string' && name.startsWith(TEMPORARY)) return
      if (typeof name === 'string') names.add(name)
      timer ??= setTimeout(() => {
        timer = undefined
        onChange(names.size > MAX_NAMES ? [] : [...names])
        names.clear()
      }, DEBOUNCE_MS)
    })
    return { close }
  }

  /** One write of a file at a time, so that of two with the same base the second is refused. */
  async #alone<T>(place: string, work: () => Promise<T>): Promise<T> {
    const before = this.#writing.get(place) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#writing.set(place, mine)
    try {
      return await mine
    } finally {
      if (this.#writing.get(place) === mine) this.#writing.delete(place)
    }
  }

  /** The file's mode, if it is at `base` still. */
  async #checkVersion(place: string, path: string, base: string): Promise<number> {
    const { mode } = await lstat(place).catch(asConflict(path))
    if (versionOf(await this.#bytes(place, path)) !== base) return asConflict(path)()
    return mode
  }

  async #bytes(place: string, path: string): Promise<Uint8Array> {
    // O_NONBLOCK: opening a FIFO must not wait for its other end.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    const file = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(explain(path))
    try {
      const stat = await file.stat()
      if (!stat.isFile()) throw notA('file', path)
      if (stat.size > MAX_FILE_BYTES) throw tooLarge(path, stat.size)
      return await readAtMost(file, MAX_FILE_BYTES, path)
    } finally {
      await file.close()
    }
  }

  /** The real place of something that is there, links followed as long as they stay inside. */
  async #existing(path: string): Promise<string> {
    return this.#keep(await realpath(join(await this.#root, ...segmentsOf(path))).catch(explain(path)), path)
  }

  /** The place of something that may be new, or of a link itself: its folder is real and inside. Never the root. */
  async #inside(path: string): Promise<string> {
    const segments = segmentsOf(path)
    const name = segments.pop()
    if (name === undefined) throw new OmegaError('FORBIDDEN', "The project's own folder cannot be replaced or removed.")
    const parent = await realpath(join(await this.#root, ...segments)).catch(explain(path))
    return join(await this.#keep(parent, path), name)
  }

  async #keep(place: string, path: string): Promise<string> {
    const root = await this.#root
    if (place === root || place.startsWith(root === sep ? sep : root + sep)) return place
    throw new OmegaError('FORBIDDEN', `${quote(path)} leads out of the project's folder. Use the terminal for it.`)
  }
}

/** The names of a path, after checking that it is one of ours: relative, without `..`, nothing the kernel refuses. */
function segmentsOf(path: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  const tooLong = segments.some((segment) => Buffer.byteLength(segment) > 255)
  if (path.startsWith('/') || segments.includes('..') || path.includes('\0') || halfSurrogate.test(path) || tooLong) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `The path ${quote(path)} cannot be used. A path is relative to the project's folder, has no "..", no NUL and no name above 255 bytes.`,
    )
  }
  return segments
}

/** Reads to the end, refusing a file that grew beyond `limit` since its size was asked for. */
async function readAtMost(file: FileHandle, limit: number, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of file.createReadStream({ autoClose: false, end: limit }) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
  }
  if (size > limit) throw tooLarge(path, size)
  return Buffer.concat(chunks)
}

function kindOf(stat: Stats): Entry['kind'] {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
}

function notA(kind: string, path: string): OmegaError {
  return new OmegaError('INVALID_REQUEST', `${quote(path)} is not a ${kind}.`)
}

function exists(path: string): OmegaError {
  return new OmegaError('FILE_EXISTS', `There is already something at ${quote(path)}. Choose another name.`)
}

function tooLarge(path: string, size: number): OmegaError {
  return new OmegaError('TOO_LARGE', `${quote(path)} has ${size} bytes; at most ${MAX_FILE_BYTES} can be edited here.`)
}

function asConflict(path: string): (error?: unknown) => never {
  return (error) => {
    if (error instanceof OmegaError && error.code !== 'FILE_NOT_FOUND') throw error
    throw new OmegaError('CONFLICT', `${quote(path)} was changed or removed by somebody else. Reload it first.`)
  }
}

/** A file system's refusal in our terms. */
function explain(path: string): (error: unknown) => never {
  return (error) => {
    const { code } = error as NodeJS.ErrnoException
    const shown = quote(path)
    if (error instanceof OmegaError) throw error
    if (code === 'ENOENT') throw new OmegaError('FILE_NOT_FOUND', `There is no ${shown}.`)
    if (code === 'EEXIST') throw exists(path)
    if (code === 'ENOTDIR') throw new OmegaError('INVALID_REQUEST', `A part of ${shown} is not a folder.`)
    if (code === 'EISDIR' || code === 'ENXIO') throw notA('file', path)
    if (code === 'ELOOP') throw new OmegaError('FORBIDDEN', `${shown} is a link that is not followed here.`)
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new OmegaError('FORBIDDEN', `The file system does not allow this for ${shown} (${code}).`)
    }
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new OmegaError('TOO_LARGE', 'The disk is full. Remove something.')
    throw new OmegaError('INVALID_REQUEST', `The file system refuses ${shown} (${code ?? String(error)}).`)
  }
}
