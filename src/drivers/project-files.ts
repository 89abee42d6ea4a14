import { createHash, randomBytes } from 'node:crypto'
import { constants, lstatSync, renameSync } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import type { Entry, KnownEntry } from '../core/wire/operations/files.ts'
import { freeBytes } from './disk-room.ts'
import { watchFolder } from './inotify.ts'
import { openFile } from './open-file.ts'
import { explain, notA } from './project-errors.ts'
import { kindOf, listFolder, lookAt, TEMPORARY } from './project-listing.ts'
import { halfSurrogate, type Place, ProjectRoot } from './project-path.ts'
import { copyTree, type MoveWork, moveTree } from './tree-move.ts'

/** Text larger than this is no source code, and no editor's joy. */
export const MAX_FILE_BYTES = 5 * 1024 * 1024
/** What a folder's changes are gathered for before they are told: a save is several of them. */
const DEBOUNCE_MS = 50
/** More changed names than this are told as "list it again". */
const MAX_NAMES = 1_000
/** Links of one folder that are looked behind. */
const MAX_LINKS = 1_000

/**
 * The files of a project: every path is relative to `root`, with `/`, and nothing outside of it is read or written,
 * whatever `..` or symbolic link the path holds. Bad paths and files are OmegaErrors with a sentence for a person.
 */
export class ProjectFiles {
  readonly root: ProjectRoot
  readonly #staging: string | undefined
  readonly #writing = new Map<string, Promise<unknown>>()

  /** `staging`: a folder for what is half copied; without it that lies beside its place for a while. */
  constructor(root: string, staging?: string) {
    this.root = new ProjectRoot(root)
    this.#staging = staging
  }

  /** The absolute path of a folder of the project, for a command to run in. */
  async folder(path: string): Promise<string> {
    const real = await this.root.real(path).catch(explain(path))
    const found = await lstat(real)
    if (!found.isDirectory()) throw notA('folder', path, found)
    return real
  }

  async list(path: string): Promise<{ entries: Entry[]; truncated?: true }> {
    const listing = await this.root.folder(path, listFolder).catch(explain(path))
    const links = listing.entries.filter(({ kind }) => kind === 'link').slice(0, MAX_LINKS)
    await Promise.all(links.map((entry) => this.#followLink(path, entry)))
    return listing
  }

  /** Sizes and times of those of the names that are in a folder, and how many bytes the disk has left. */
  async look(path: string, names: readonly string[]): Promise<{ entries: KnownEntry[]; free: number }> {
    const checked = names.filter((name) => name !== '' && !/^\.\.?$|[/\0]/.test(name))
    const look = async (place: string) => ({ entries: await lookAt(place, checked), free: await freeBytes(place) })
    const found = await this.root.folder(path, look).catch(explain(path))
    await Promise.all(found.entries.filter(({ kind }) => kind === 'link').map((entry) => this.#followLink(path, entry)))
    return found
  }

  async read(path: string): Promise<{ text: string; version: string }> {
    const bytes = await this.root.existing(path, ({ place }) => readBytes(place, path)).catch(explain(path))
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      return { text, version: versionOf(bytes) }
    } catch {
      throw new OmegaError('UNSUPPORTED_MEDIA_TYPE', `${quote(path)} is not UTF-8 text. Only text can be edited here.`)
    }
  }

  /**
   * Whole or not at all, and on the disk when it resolves: the text goes to a file beside it, which then takes its
   * place and mode. With `base` the file must be at that version, without it must be new.
   */
  async write(path: string, text: string, base: string | undefined): Promise<{ version: string }> {
    if (halfSurrogate.test(text)) {
      throw new OmegaError('INVALID_REQUEST', 'The text holds half a surrogate pair, which UTF-8 cannot hold.')
    }
    const bytes = Buffer.from(text)
    if (bytes.length > MAX_FILE_BYTES) throw tooLarge(path, bytes.length)
    if (base === undefined) {
      // link refuses what is there already, rename would replace it.
      const create = ({ place }: Place) => replace(place, bytes, undefined, link)
      await this.root.entry(path, create).catch(explain(path))
    } else {
      const save = ({ place, real }: Place) =>
        this.#alone(real, async () =>
          replace(place, bytes, (await lstat(place)).mode, async (from) => {
            await seeVersion(place, path, base, () => renameSync(from, place))
          }),
        )
      await this.root.existing(path, save).catch(asConflict(path))
    }
    return { version: versionOf(bytes) }
  }

  /** Puts this text, or these bytes, there, whatever file there was. */
  async overwrite(path: string, content: string | Uint8Array): Promise<{ version: string }> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    if (bytes.length > MAX_FILE_BYTES) throw tooLarge(path, bytes.length)
    const put = async ({ place }: Place) => {
      const there = await lstat(place).catch(() => undefined)
      await replace(place, bytes, there?.isFile() ? there.mode : undefined, rename)
    }
    await this.root.entry(path, put).catch(explain(path))
    return { version: versionOf(bytes) }
  }

  versionOf(text: string): string {
    return versionOf(Buffer.from(text))
  }

  async makeDirectory(path: string, parents = false): Promise<void> {
    if (parents) await this.root.makeFolder(path).catch(explain(path))
    else await this.root.entry(path, ({ place }) => mkdir(place)).catch(explain(path))
  }

  async rename(from: string, to: string, work: MoveWork = {}): Promise<void> {
    await this.#toFree(from, to, (source, target) => moveTree(source, target, { ...work, staging: this.#staging }))
  }

  async copy(from: string, to: string, work: MoveWork = {}): Promise<void> {
    await this.#toFree(from, to, (source, target) => copyTree(source, target, { ...work, staging: this.#staging }))
  }

  /** A folder goes with all that is in it; of a link only the link. */
  async remove(path: string): Promise<void> {
    await this.root.entry(path, ({ place }) => rm(place, { recursive: true })).catch(explain(path))
  }

  /**
   * Tells of changes in a folder (not below it), gathered for a moment; no names means "list it again". Ends by itself
   * when the folder goes; `close` ends it before.
   */
  async watch(path: string, onChange: (names: string[]) => void): Promise<{ close(): void }> {
    const names = new Set<string>()
    let timer: NodeJS.Timeout | undefined
    const heard = (_kind: string, name: string | undefined) => {
      if (name?.startsWith(TEMPORARY)) return
      if (name !== undefined) names.add(name)
      timer ??= setTimeout(() => {
        timer = undefined
        onChange(names.size > MAX_NAMES ? [] : [...names])
        names.clear()
      }, DEBOUNCE_MS)
    }
    const begin = async (place: string) => watchFolder(place, heard, () => onChange([]))
    const watcher = await this.root.folder(path, begin).catch(explain(path))
    const close = () => {
      clearTimeout(timer)
      watcher.close()
    }
    watcher.on('error', close)
    return { close }
  }

  async #toFree(from: string, to: string, work: (source: string, target: string) => Promise<void>): Promise<void> {
    const source = async (at: Place) => {
      await lstat(at.place)
      const target = async (free: Place) => {
        if (free.real.startsWith(`${at.real}/`)) throw intoItself(from)
        await work(at.place, free.place)
      }
      await this.root.entry(to, target).catch(explain(to))
    }
    await this.root.entry(from, source).catch(explain(from))
  }

  /** Says of a link what it leads to, unless that is outside or nothing that can be opened. */
  async #followLink(folder: string, entry: Entry): Promise<void> {
    try {
      const kind = kindOf(await stat(await this.root.real(folder === '' ? entry.name : `${folder}/${entry.name}`)))
      if (kind === 'file' || kind === 'directory') entry.target = kind
    } catch {
      // It leads nowhere, or out of the project.
    }
  }

  /** One save of a file at a time, so that of two with the same base the second is refused. */
  async #alone<T>(real: string, work: () => Promise<T>): Promise<T> {
    const before = this.#writing.get(real) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#writing.set(real, mine)
    try {
      return await mine
    } finally {
      if (this.#writing.get(real) === mine) this.#writing.delete(real)
    }
  }
}

/** Writes a file beside `place` and puts it there by `settle`: link for a new one, rename to take another's place. */
async function replace(
  place: string,
  bytes: Uint8Array,
  mode: number | undefined,
  settle: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(place), TEMPORARY + randomBytes(9).toString('base64url'))
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666)
  try {
    await file.writeFile(bytes)
    if (mode !== undefined) await file.chmod(mode & 0o7777)
    await file.sync()
    await settle(temporary, place)
  } finally {
    await file.close()
    await unlink(temporary).catch(() => undefined)
  }
}

/**
 * Does `then` if the file is at `base`, with nothing but a look at it in between: what another program writes after that
 * look is lost, so as little time as possible is left for it.
 */
async function seeVersion(place: string, path: string, base: string, then: () => void): Promise<void> {
  const before = await lstat(place, { bigint: true })
  if (versionOf(await readBytes(place, path)) !== base) asConflict(path)()
  const now = lstatSync(place, { bigint: true })
  if (before.ino !== now.ino || before.ctimeNs !== now.ctimeNs || before.size !== now.size) asConflict(path)()
  then()
}

async function readBytes(place: string, path: string): Promise<Uint8Array> {
  const file = await openFile(place, path)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw notA('file', path, stat)
    if (stat.size > MAX_FILE_BYTES) throw tooLarge(path, stat.size)
    return await readAtMost(file, MAX_FILE_BYTES, path)
  } finally {
    await file.close()
  }
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

function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
}

function intoItself(path: string): OmegaError {
  return new OmegaError('INVALID_REQUEST', `${quote(path)} cannot be put into itself. Choose another folder.`)
}

function tooLarge(path: string, size: number): OmegaError {
  return new OmegaError('TOO_LARGE', `${quote(path)} has ${size} bytes; at most ${MAX_FILE_BYTES} can be edited here.`)
}

/** For a save: a file that is gone was removed by somebody. */
function asConflict(path: string): (error?: unknown) => never {
  return (error) => {
    const gone = error === undefined || (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!gone) return explain(path)(error)
    throw new OmegaError('CONFLICT', `${quote(path)} was changed or removed by somebody else. Reload it first.`)
  }
}
