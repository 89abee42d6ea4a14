import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import type { TrashedItem } from '../core/wire/operations/files.ts'
import { inMegabytes } from './disk-room.ts'
import { explain } from './project-errors.ts'
import { kindOf } from './project-listing.ts'
import type { ProjectRoot } from './project-path.ts'
import { moveTree } from './tree-move.ts'
import { removeTree } from './tree-remove.ts'
import { type LongWork, measureTree } from './tree-walk.ts'

export interface TrashLimits {
  /** All that is kept, as the disk counts it. */
  bytes: number
  /** Of something that has to be copied to be kept: longer than that nobody waits for a deletion. */
  copiedBytes: number
  items: number
  ageMs: number
}

export const TRASH_LIMITS: TrashLimits = {
  bytes: 512 * 1024 * 1024,
  copiedBytes: 64 * 1024 * 1024,
  items: 500,
  ageMs: 7 * 24 * 60 * 60 * 1000,
}

const ABOUT = 'about.json'
const ITEM = 'item'

/**
 * What was deleted, kept for a while in a folder of the worker's own: a folder each, with the thing and a note of where
 * it was. The oldest go when there is too much, and all of them after a week.
 */
export class ProjectTrash {
  readonly #folder: string
  readonly #root: ProjectRoot
  readonly #staging: string
  readonly #limits: TrashLimits
  readonly #now: () => number

  /** `staging` is emptied: what is in it was left by a worker that was killed. */
  constructor(folder: string, staging: string, root: ProjectRoot, limits = TRASH_LIMITS, now: () => number = Date.now) {
    this.#folder = folder
    this.#staging = staging
    this.#root = root
    this.#limits = limits
    this.#now = now
    rmSync(staging, { recursive: true, force: true })
    mkdirSync(staging, { recursive: true, mode: 0o700 })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** Refuses with TOO_LARGE what cannot be kept; it stays where it was. */
  async put(path: string, work: LongWork = {}): Promise<TrashedItem> {
    return this.#root.entry(path, ({ place }) => this.#put(path, place, work)).catch(explain(path))
  }

  async #put(path: string, place: string, work: LongWork): Promise<TrashedItem> {
    const kind = kindOf(await lstat(place))
    const { bytes } = await measureTree(place, work)
    if (bytes > this.#limits.bytes) throw tooLarge(path, bytes, this.#limits.bytes)
    const at = this.#now()
    await this.#makeRoom(bytes)
    const item: TrashedItem = { id: newId(at), path, kind, bytes, at }
    const folder = join(this.#folder, item.id)
    await mkdir(folder, { mode: 0o700 })
    try {
      await writeFile(join(folder, ABOUT), JSON.stringify(item))
      const beforeCopy = () => {
        if (bytes > this.#limits.copiedBytes) throw tooLarge(path, bytes, this.#limits.copiedBytes)
      }
      await moveTree(place, join(folder, ITEM), { ...work, beforeCopy })
    } catch (error) {
      if (!(await lstat(join(folder, ITEM)).catch(() => undefined))) await removeTree(folder)
      throw error
    }
    return item
  }

  /** Puts it back, to where it was or to another place that must be free; gives the place. */
  async restore(id: string, to: string | undefined, work: LongWork = {}): Promise<string> {
    const item = await this.#about(id)
    if (!item) throw new OmegaError('FILE_NOT_FOUND', 'This is not in the trash any more. It keeps things for a week.')
    const path = to ?? item.path
    const folder = join(this.#folder, id)
    await this.#root.makeFolder(parentOf(path)).catch(explain(parentOf(path)))
    await this.#root
      .entry(path, ({ place }) => moveTree(join(folder, ITEM), place, { ...work, staging: this.#staging }))
      .catch(explain(path))
    await removeTree(folder)
    return path
  }

  /** What can be restored, the last deleted first. */
  async list(): Promise<TrashedItem[]> {
    const items = await Promise.all((await readdir(this.#folder)).map((id) => this.#about(id)))
    return items.filter((item) => item !== undefined).sort((a, b) => b.at - a.at)
  }

  /** Removes one thing for good, or all. */
  async empty(id?: string): Promise<void> {
    for (const one of id === undefined ? await readdir(this.#folder) : [id]) await this.#remove(one)
  }

  /** Removes what is too old, and what cannot be restored since a worker died in the middle. */
  async prune(): Promise<void> {
    const oldest = this.#now() - this.#limits.ageMs
    for (const id of await readdir(this.#folder)) {
      const item = await this.#about(id)
      if (!item || item.at < oldest) await this.#remove(id)
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    await this.prune()
    const items = await this.list()
    let used = items.reduce((sum, item) => sum + item.bytes, bytes)
    for (let left = items.length; left > 0; left--) {
      if (used <= this.#limits.bytes && left < this.#limits.items) return
      const oldest = items[left - 1]
      if (oldest) await this.#remove(oldest.id)
      used -= oldest?.bytes ?? 0
    }
  }

  async #about(id: string): Promise<TrashedItem | undefined> {
    try {
      const about = JSON.parse(await readFile(join(this.#folder, id, ABOUT), 'utf8')) as TrashedItem
      await lstat(join(this.#folder, id, ITEM))
      return about.id === id ? about : undefined
    } catch {
      return undefined
    }
  }

  /** The note goes first: half of a thing must not be restored. */
  async #remove(id: string): Promise<void> {
    await rm(join(this.#folder, id, ABOUT), { force: true })
    await removeTree(join(this.#folder, id))
  }
}

function newId(at: number): string {
  return `${Math.floor(at).toString(36)}-${randomBytes(9).toString('base64url')}`
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}

function tooLarge(path: string, bytes: number, most: number): OmegaError {
  return new OmegaError(
    'TOO_LARGE',
    `${quote(path)} takes ${inMegabytes(bytes)}, and the trash keeps what takes up to ${inMegabytes(most)}. Delete it for good, or leave it.`,
  )
}
