import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OmegaError } from '../core/errors.ts'

/**
 * Keeps a directory for one process: a file `lock` with the holder's process id and, where the system tells it
 * (Linux), the moment that process started, so that a process id used again is not taken for the old holder.
 *
 * Two machines, or two containers with process ids of their own, that share the directory do not see each other.
 */
export class DirectoryLock {
  readonly #path: string
  readonly #content: string

  private constructor(path: string, content: string) {
    this.#path = path
    this.#content = content
  }

  /** Takes the lock, or throws STORE_UNAVAILABLE with the holder's process id. A lock left by a dead process is void. */
  static take(dir: string): DirectoryLock {
    const path = join(dir, 'lock')
    const content = `${process.pid} ${startOf(process.pid)} ${randomUUID()}\n`
    const own = `${path}.${process.pid}.${randomUUID()}`
    writeFileSync(own, content, { mode: 0o600 })
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        if (linked(own, path)) return new DirectoryLock(path, content)
        const held = contentOf(path)
        if (held !== undefined && isAlive(held)) throw inUse(dir, held)
        if (held !== undefined) discard(path, held)
      }
      throw inUse(dir, contentOf(path) ?? '')
    } finally {
      unlinkSync(own)
    }
  }

  /** Gives it back; does nothing if it is another's by now. */
  release(): void {
    if (contentOf(this.#path) === this.#content) unlinkSync(this.#path)
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Moves a void lock away; when another process was quicker and took a new one meanwhile, puts that one back. */
function discard(path: string, held: string): void {
  const aside = `${path}.void.${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (contentOf(aside) !== held) linked(aside, path)
  unlinkSync(aside)
}

function isAlive(content: string): boolean {
  const [pidText = '', start = ''] = content.trim().split(' ')
  const pid = Number(pidText)
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(pid) === start
}

/**
 * Ticks since boot at which the process started (proc(5), field 22 of stat), or `-` where /proc does not exist. A
 * process that has ended and is only not yet waited for (state Z) has no start.
 */
function startOf(pid: number): string {
  const stat = contentOf(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' ? 'ended' : (fields?.[19] ?? '-')
}

function inUse(dir: string, held: string): OmegaError {
  const pid = held.split(' ')[0] || 'unknown'
  return new OmegaError(
    'STORE_UNAVAILABLE',
    `The directory ${dir} is in use by process ${pid}; one process at a time may open it. Stop that process, or choose another directory with --data-dir.`,
    { pid },
  )
}
