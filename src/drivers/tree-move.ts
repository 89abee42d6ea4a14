import { randomBytes } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rmdir,
  stat,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { leaveRoom } from './disk-room.ts'
import { TEMPORARY } from './project-listing.ts'
import { removeTree } from './tree-remove.ts'
import { forEach, type LongWork, mayTakeFrom, measureTree } from './tree-walk.ts'

/** What is there while something is moved away that others may write into: passes until nothing new has come. */
const MOST_PASSES = 5

export interface MoveWork extends LongWork {
  /** A folder for what is half copied, used when it is on the target's file system. */
  staging?: string | undefined
  /** Asked before something has to be copied; throws what forbids it. */
  beforeCopy?: (() => void) | undefined
}

/**
 * Gives a file or folder another place that must be free. On overlayfs (the disk of a container) the kernel refuses this
 * for folders that come from the image (EXDEV), as it does between file systems: then all is copied aside, put in place
 * at once, and the original is taken away. What fails or is ended before that leaves everything as it was.
 */
export async function moveTree(from: string, to: string, work: MoveWork = {}): Promise<void> {
  await lstat(from)
  if (await lstat(to).catch(() => undefined)) throw Object.assign(new Error('target exists'), { code: 'EEXIST' })
  try {
    await rename(from, to)
    return
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
  }
  work.beforeCopy?.()
  await mayTakeFrom(dirname(from))
  const copied: Copied = new Map()
  await aside(to, work, (temporary) => new Copy(work, copied).run(from, temporary))
  await takeAway(from, to, copied)
}

/** Copies a file or folder to a place that must be free. Pipes, sockets and devices in a folder are left out. */
export async function copyTree(from: string, to: string, work: MoveWork = {}): Promise<void> {
  const kind = await lstat(from)
  if (!kind.isFile() && !kind.isDirectory() && !kind.isSymbolicLink()) {
    throw new OmegaError('INVALID_REQUEST', 'Pipes, sockets and devices cannot be copied.')
  }
  if (await lstat(to).catch(() => undefined)) throw Object.assign(new Error('target exists'), { code: 'EEXIST' })
  await aside(to, work, (temporary) => new Copy(work, undefined).run(from, temporary))
}

/** Makes something beside its place, or in the staging folder, and puts it there when it is whole. */
async function aside(to: string, { staging, signal }: MoveWork, make: (place: string) => Promise<void>): Promise<void> {
  const folder = staging !== undefined && (await isSameFileSystem(staging, dirname(to))) ? staging : dirname(to)
  const temporary = join(folder, TEMPORARY + randomBytes(9).toString('base64url'))
  try {
    await make(temporary)
    signal?.throwIfAborted()
    await rename(temporary, to)
  } finally {
    await removeTree(temporary)
  }
}

async function isSameFileSystem(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(one), stat(other)])
  return a.dev === b.dev
}

/** Path below the top -> how the file was when it was copied. */
type Copied = Map<string, string>

/** One copying of a tree. */
class Copy {
  readonly #work: LongWork
  /** Given when the original is to go: then it must be possible to take everything out of it. */
  readonly #copied: Copied | undefined
  #done = 0
  #total: number | undefined

  constructor(work: LongWork, copied: Copied | undefined) {
    this.#work = work
    this.#copied = copied
  }

  async run(from: string, to: string): Promise<void> {
    const { entries, bytes } = await measureTree(from, this.#work)
    this.#total = entries
    await leaveRoom(dirname(to), bytes)
    await this.#copy(from, to, '')
  }

  async #copy(from: string, to: string, path: string): Promise<void> {
    this.#work.signal?.throwIfAborted()
    const found = await lstat(from, { bigint: true })
    if (found.isDirectory()) {
      if (this.#copied) await mayTakeFrom(from)
      await mkdir(to, 0o700)
      const entries = await readdir(from, { withFileTypes: true })
      await forEach(entries, ({ name }) => this.#copy(join(from, name), join(to, name), `${path}/${name}`))
      await chmod(to, Number(found.mode & 0o7777n))
      await keepTimes(to, found)
    } else if (found.isSymbolicLink()) {
      await symlink(await readlink(from), to)
      this.#copied?.set(path, traceOf(found))
    } else if (found.isFile()) {
      await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      await keepTimes(to, found)
      this.#copied?.set(path, traceOf(found))
    }
    this.#work.onProgress?.(++this.#done, this.#total)
  }
}

/**
 * Takes the original away. What was written to it after it was copied, what came later, and what cannot be copied (pipes,
 * sockets, devices) is moved by itself: single files the kernel moves.
 */
async function takeAway(from: string, to: string, copied: Copied): Promise<void> {
  const take = async (source: string, target: string, path: string): Promise<void> => {
    const found = await lstat(source, { bigint: true }).catch(() => undefined)
    if (!found) return
    if (!found.isDirectory()) {
      if (copied.get(path) !== traceOf(found)) await moveOne(source, target, found.isFile())
      else await unlink(source)
      return
    }
    await mkdir(target).catch(() => undefined)
    for (let pass = 1; ; pass++) {
      const entries = await readdir(source, { withFileTypes: true })
      await forEach(entries, ({ name }) => take(join(source, name), join(target, name), `${path}/${name}`))
      try {
        await rmdir(source)
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || pass === MOST_PASSES) throw error
      }
    }
  }
  await take(from, to, '')
}

/** Between file systems a pipe, a socket or a device, which hold nothing, stay behind and go. */
async function moveOne(source: string, target: string, isFile: boolean): Promise<void> {
  try {
    await rename(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    if (isFile) await copyFile(source, target)
    await unlink(source)
  }
}

function traceOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
}

function keepTimes(place: string, { atimeNs, mtimeNs }: BigIntStats): Promise<void> {
  return utimes(place, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9)
}
