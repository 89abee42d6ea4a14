import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, open, rename, stat, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { leaveRoom } from './disk-room.ts'
import { openFile } from './open-file.ts'
import { exists, explain, notA } from './project-errors.ts'
import { TEMPORARY } from './project-listing.ts'
import type { Place, ProjectRoot } from './project-path.ts'

/** An open file; whoever has it closes it. */
export interface OpenFile {
  handle: FileHandle
  size: number
  /** Milliseconds since 1970. */
  modified: number
  /** Another one for other bytes, as HTTP's strong entity tags are. */
  tag: string
}

export interface Upload {
  /** Bytes, when they are known before. */
  size: number | undefined
  /** Takes the place of a file that is there. */
  replace: boolean
  /** Of the file, as in stat(2); without it that of the one before, or a new one's. */
  mode?: number
  modified?: Date
  /** Takes the place of a link itself, which is refused otherwise. */
  overLinks?: true
  /** The folder it goes to is known to be there. */
  folderIsThere?: true
}

/** Files of the project as bytes, whatever they hold and however large they are. */
export class ProjectBytes {
  readonly #root: ProjectRoot
  readonly #staging: string

  /** `staging`: a folder for what is half there. */
  constructor(root: ProjectRoot, staging: string) {
    this.#root = root
    this.#staging = staging
  }

  /** Links are followed as long as they stay inside; pipes, sockets and devices are refused and never waited for. */
  async open(path: string): Promise<OpenFile> {
    return this.#root.existing(path, ({ place }) => openBytes(place, path)).catch(explain(path))
  }

  /**
   * Writes all of a stream to a file, whole or not at all; folders above it are made. True when it took the place of
   * another. Rejects with FILE_EXISTS, and with TOO_LARGE when the disk has no room.
   */
  async receive(path: string, body: AsyncIterable<Uint8Array>, upload: Upload): Promise<boolean> {
    const { size, replace, mode, modified, overLinks, folderIsThere } = upload
    const parent = path.split('/').slice(0, -1).join('/')
    if (!folderIsThere) await this.#root.makeFolder(parent).catch(explain(parent))
    const write = async ({ place }: Place) => {
      const there = await lstat(place).catch(() => undefined)
      if (there && !replace) throw exists(path)
      const isLink = overLinks === true && there?.isSymbolicLink()
      if (there && !there.isFile() && !isLink) throw notA('file', path, there)
      await leaveRoom(dirname(place), size ?? 0)
      const temporary = join(await this.#folderFor(place), TEMPORARY + randomBytes(9).toString('base64url'))
      try {
        await fill(temporary, body, mode ?? (isLink ? undefined : there?.mode))
        if (modified) await utimes(temporary, modified, modified)
        // link refuses what has come meanwhile.
        await (replace ? rename(temporary, place) : link(temporary, place))
      } finally {
        await unlink(temporary).catch(() => undefined)
      }
      return there !== undefined
    }
    return this.#root.entry(path, write).catch(explain(path))
  }

  /** The staging folder, so that nothing is left in the project when the worker is killed; if it is the same disk. */
  async #folderFor(place: string): Promise<string> {
    const [one, other] = await Promise.all([stat(this.#staging), stat(dirname(place))])
    return one.dev === other.dev ? this.#staging : dirname(place)
  }
}

async function openBytes(place: string, path: string): Promise<OpenFile> {
  const handle = await openFile(place, path)
  try {
    const found = await handle.stat({ bigint: true })
    if (!found.isFile()) throw notA('file', path, found)
    const trace = `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`
    const tag = `"${createHash('sha256').update(trace).digest('base64url').slice(0, 22)}"`
    return { handle, size: Number(found.size), modified: Number(found.mtimeMs), tag }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function fill(place: string, body: AsyncIterable<Uint8Array>, mode: number | undefined): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = await open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666)
  try {
    if (mode !== undefined) await file.chmod(mode & 0o7777)
    for await (const chunk of body) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}
