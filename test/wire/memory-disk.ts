import { createHash } from 'node:crypto'
import type { Clock } from '../../src/core/clock.ts'
import { OmegaError } from '../../src/core/errors.ts'
import type { DocumentsOptions } from '../../src/roles/worker/documents/documents.ts'

type Files = DocumentsOptions['files']

/** How long a system call takes; half before its effect and half behind it. */
const CALL_MS = 1
const TELL_MS = 50

/** A project's files in memory: they outlive the workers that use them. */
export class MemoryDisk {
  /** Why no file can be read, as when its bytes are no text. */
  refusal: OmegaError | undefined
  /** Told when a worker writes, once; it may be about to die. */
  onWrite: (() => void) | undefined
  readonly #contents = new Map<string, string>()
  readonly #watchers = new Set<{ folder: string; tell: (name: string) => void }>()

  get(path: string): string | undefined {
    return this.#contents.get(path)
  }

  /** Another program writes, at once. */
  set(path: string, content: string): void {
    this.#contents.set(path, content)
    this.#tell(path)
  }

  remove(path: string): void {
    this.#contents.delete(path)
    this.#tell(path)
  }

  /** As a worker sees it that lives as long as `alive` says so: what it had begun may or may not come to pass. */
  for(clock: Clock, alive: () => boolean): Files {
    const pass = () => new Promise<void>((resolve) => clock.after(CALL_MS / 2, () => alive() && resolve()))
    const call = async <T>(work: () => T): Promise<T> => {
      await pass()
      let done: () => T
      try {
        const value = work()
        done = () => value
      } catch (error) {
        done = () => {
          throw error
        }
      }
      await pass()
      return done()
    }
    const existing = (path: string) => {
      const content = this.#contents.get(path)
      if (content === undefined) throw new OmegaError('FILE_NOT_FOUND', `There is no ${path}.`)
      return content
    }
    return {
      versionOf,
      read: (path) =>
        call(() => {
          const text = existing(path)
          if (this.refusal) throw this.refusal
          return { text, version: versionOf(text) }
        }),
      write: (path, text, base) =>
        call(() => {
          const there = this.#contents.get(path)
          if (there === undefined ? base !== undefined : base !== versionOf(there)) {
            throw new OmegaError(base === undefined ? 'FILE_EXISTS' : 'CONFLICT', `${path} is another one.`)
          }
          this.set(path, text)
          const told = this.onWrite
          this.onWrite = undefined
          told?.()
          return { version: versionOf(text) }
        }),
      overwrite: (path, text) =>
        call(() => {
          this.set(path, text)
          return { version: versionOf(text) }
        }),
      watch: async (folder, onChange) => {
        const names = new Set<string>()
        const watcher = {
          folder,
          tell: (name: string) => {
            names.add(name)
            if (names.size > 1) return
            clock.after(TELL_MS, () => {
              const changed = [...names]
              names.clear()
              if (alive()) onChange(changed)
            })
          },
        }
        this.#watchers.add(watcher)
        return { close: () => void this.#watchers.delete(watcher) }
      },
    }
  }

  #tell(path: string): void {
    const slash = path.lastIndexOf('/')
    const [folder, name] = slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
    for (const watcher of this.#watchers) if (watcher.folder === folder) watcher.tell(name)
  }
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
