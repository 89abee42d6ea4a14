import { OmegaError } from '../../../core/errors.ts'
import type { LongWork } from '../../../drivers/tree-walk.ts'
import type { Page } from '../wire/page.ts'

/** Between two words on how far it is. */
const TELL_EVERY_MS = 150

/** The long work a page has begun and given a name. It goes on when the page leaves. */
export class LongWorks {
  readonly #page: Page
  readonly #works = new Map<string, AbortController>()

  constructor(page: Page) {
    this.#page = page
  }

  /** Work without a name is done all the same, but nothing is told of it and nobody ends it. */
  async run<T>(task: string | undefined, work: (options: LongWork) => Promise<T>): Promise<T> {
    if (task === undefined) return work({})
    if (this.#works.has(task)) throw new OmegaError('CONFLICT', 'There is work of this name already.')
    const abort = new AbortController()
    this.#works.set(task, abort)
    let told = performance.now()
    const onProgress = (files: number, total?: number) => {
      if (performance.now() - told < TELL_EVERY_MS) return
      told = performance.now()
      this.#page.tell('files.progress', { task, files, ...(total === undefined ? {} : { total }) })
    }
    try {
      return await work({ signal: abort.signal, onProgress })
    } finally {
      this.#works.delete(task)
    }
  }

  /** Does nothing when it is over. */
  cancel(task: string): void {
    this.#works.get(task)?.abort(new OmegaError('CONFLICT', 'This was cancelled. Nothing was changed.'))
  }

  close(): void {
    this.#works.clear()
  }
}
