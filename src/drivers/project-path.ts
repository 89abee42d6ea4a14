import { constants, existsSync } from 'node:fs'
import { mkdir, open, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'

export const halfSurrogate = /\p{Surrogate}/u

/** With procfs a folder can be held open and named by its descriptor, so that nobody swaps it under our feet. */
const descriptors = existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined

/** Where something is: `place` names it for system calls, `real` is its absolute path, the same for the same thing. */
export interface Place {
  place: string
  real: string
}

/**
 * The root of a project, and how paths relative to it become places on the disk. A path is checked, its links are
 * followed, the folder it ends in is opened without following any more, and it is looked once more where that folder
 * is. What is then done happens in that very folder.
 */
export class ProjectRoot {
  readonly #root: Promise<string>

  constructor(root: string) {
    this.#root = realpath(root)
    this.#root.catch(() => undefined)
  }

  /** The absolute path of something that is there, all its links followed as long as they stay inside. */
  async real(path: string): Promise<string> {
    return this.#keep(await realpath(join(await this.#root, ...segmentsOf(path))), path)
  }

  /** Works on something that is there, links followed. */
  async existing<T>(path: string, work: (at: Place) => Promise<T>): Promise<T> {
    return this.#held(await this.real(path), path, work)
  }

  /** Works on something that may be new, or on a link itself. */
  async entry<T>(path: string, work: (at: Place) => Promise<T>): Promise<T> {
    const segments = segmentsOf(path)
    const name = segments.pop()
    if (name === undefined) throw untouchable()
    const parent = this.#keep(await realpath(join(await this.#root, ...segments)), path)
    return this.#held(join(await parent, name), path, work)
  }

  /** Works on a folder that is there, the root too. */
  async folder<T>(path: string, work: (place: string) => Promise<T>): Promise<T> {
    return this.#open(await this.real(path), path, work)
  }

  /** Makes a folder and those above it, as far as they are not there. */
  async makeFolder(path: string): Promise<void> {
    const segments = segmentsOf(path)
    for (let depth = 1; depth <= segments.length; depth++) {
      const make = ({ place }: Place) => mkdir(place)
      await this.entry(segments.slice(0, depth).join('/'), make).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
    }
    await this.folder(path, async () => undefined)
  }

  async #held<T>(real: string, path: string, work: (at: Place) => Promise<T>): Promise<T> {
    if (real === (await this.#root)) throw untouchable()
    return this.#open(dirname(real), path, (folder) => work({ place: join(folder, basename(real)), real }))
  }

  async #open<T>(real: string, path: string, work: (place: string) => Promise<T>): Promise<T> {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
    const folder = await open(real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try {
      if (!descriptors) return await work(real)
      const held = join(descriptors, String(folder.fd))
      await this.#keep(await readlink(held), path)
      return await work(held)
    } finally {
      await folder.close()
    }
  }

  async #keep(place: string, path: string): Promise<string> {
    const root = await this.#root
    if (place === root || place.startsWith(root === sep ? sep : root + sep)) return place
    throw new OmegaError('FORBIDDEN', `${quote(path)} leads out of the project's folder. Use the terminal for it.`)
  }
}

function untouchable(): OmegaError {
  return new OmegaError('FORBIDDEN', "The project's own folder is no file, and cannot be replaced or removed.")
}

/** The names of a path, after checking that it is one of ours: relative, without `..`, nothing the kernel refuses. */
function segmentsOf(path: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (path.includes('\ufffd')) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `The path ${quote(path)} is not UTF-8, and cannot be used here. Give it another name in the terminal.`,
    )
  }
  const tooLong = segments.some((segment) => Buffer.byteLength(segment) > 255)
  if (path.startsWith('/') || segments.includes('..') || path.includes('\0') || halfSurrogate.test(path) || tooLong) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `The path ${quote(path)} cannot be used. A path is relative to the project's folder, has no "..", no NUL and no name above 255 bytes.`,
    )
  }
  return segments
}
