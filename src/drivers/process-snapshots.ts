import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SnapshotStore } from '../core/container.ts'
import { OmegaError } from '../core/errors.ts'
import { isSnapshotId } from '../core/names.ts'
import type { Snapshot } from '../core/snapshot.ts'

const run = promisify(execFile)

/** Project and state of one sandbox's folder, copied. */
export interface SandboxFolders {
  project: string
  state: string
}

/**
 * Snapshots of sandboxes that are plain processes: folders.
 *
 *     snapshots/ID/snapshot.json  what it is, and of which host     project/  state/   as in the sandbox's own folder
 */
export class ProcessSnapshots implements SnapshotStore {
  readonly #root: string
  readonly #host: string
  readonly #foldersOf: (key: string) => Promise<SandboxFolders>

  constructor(dataDir: string, host: string, foldersOf: (key: string) => Promise<SandboxFolders>) {
    this.#root = join(dataDir, 'snapshots')
    this.#host = host
    this.#foldersOf = foldersOf
  }

  async take(key: string, snapshot: Omit<Snapshot, 'bytes'>): Promise<Snapshot> {
    const { project, state } = await this.#foldersOf(key)
    const folder = this.#folder(snapshot.id)
    const half = `${folder}.new`
    await rm(half, { recursive: true, force: true })
    await mkdir(half, { recursive: true, mode: 0o700 })
    try {
      await run('cp', ['-a', project, join(half, 'project')])
      await run('cp', ['-a', state, join(half, 'state')])
      const { stdout } = await run('du', ['-sk', half])
      const taken = { ...snapshot, bytes: Number.parseInt(stdout, 10) * 1024 }
      await writeFile(join(half, 'snapshot.json'), JSON.stringify({ ...taken, host: this.#host }))
      await rename(half, folder)
      return taken
    } catch (error) {
      await rm(half, { recursive: true, force: true })
      throw new OmegaError('INTERNAL', `The snapshot could not be written to ${this.#root}: ${String(error)}`)
    }
  }

  async list(): Promise<Snapshot[]> {
    const names = await readdir(this.#root).catch(() => [])
    const found = await Promise.all(names.filter(isSnapshotId).map((id) => this.#read(id)))
    return found.flatMap((each) => each ?? []).sort((a, b) => a.createdAt - b.createdAt)
  }

  async remove(id: string): Promise<void> {
    await rm(this.#folder(id), { recursive: true, force: true, maxRetries: 5 })
  }

  async pack(): Promise<AsyncIterable<Uint8Array>> {
    throw notMoved()
  }

  async unpack(): Promise<void> {
    throw notMoved()
  }

  /** Where its files are; NOT_FOUND if it is not there. */
  foldersOf(id: string): SandboxFolders {
    const folder = this.#folder(id)
    if (!existsSync(folder)) throw new OmegaError('NOT_FOUND', `This host has no snapshot ${id}.`)
    return { project: join(folder, 'project'), state: join(folder, 'state') }
  }

  #folder(id: string): string {
    if (!isSnapshotId(id)) throw new OmegaError('INVALID_REQUEST', 'This is not the id of a snapshot.')
    return join(this.#root, id)
  }

  async #read(id: string): Promise<Snapshot | undefined> {
    const text = await readFile(join(this.#folder(id), 'snapshot.json'), 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    const { host, ...snapshot } = JSON.parse(text) as Snapshot & { host: string }
    return host === this.#host ? snapshot : undefined
  }
}

function notMoved(): OmegaError {
  return new OmegaError(
    'CONFLICT',
    'Sandboxes that are plain processes stay on their host: only containers can be moved. Export it, and create another one with --import.',
  )
}
