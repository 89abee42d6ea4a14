import type { Clock } from '../../src/core/clock.ts'
import type { CachedDocument, DocumentCache } from '../../src/web/ide/documents/document-cache.ts'

/** The twin of IndexedDbCache: outlives the page that uses it, and takes its time to read. */
export class MemoryCache implements DocumentCache {
  readonly #documents = new Map<string, CachedDocument>()
  readonly #clock: Clock
  readonly #delay: () => number

  constructor(clock: Clock, delay: () => number) {
    this.#clock = clock
    this.#delay = delay
  }

  async pending(): Promise<string[]> {
    return [...this.#documents].filter(([, { pending }]) => pending).map(([path]) => path)
  }

  async load(path: string): Promise<CachedDocument | undefined> {
    await new Promise<void>((resolve) => this.#clock.after(this.#delay(), resolve))
    const cached = this.#documents.get(path)
    return cached && { ...cached, updates: [...cached.updates] }
  }

  async begin(path: string, generation: string, stranded: string | undefined): Promise<void> {
    if (this.#documents.get(path)?.generation === generation) return
    this.#documents.set(path, {
      generation,
      updates: [],
      pending: false,
      ...(stranded === undefined ? {} : { stranded }),
    })
  }

  async append(path: string, generation: string, update: Uint8Array): Promise<void> {
    const cached = this.#documents.get(path)
    if (cached?.generation === generation) cached.updates.push(update)
  }

  async mark(path: string, change: { pending?: boolean; stranded?: string | undefined }): Promise<void> {
    const cached = this.#documents.get(path)
    if (cached) Object.assign(cached, change)
  }

  async rename(from: string, to: string): Promise<void> {
    const cached = this.#documents.get(from)
    if (!cached) return
    this.#documents.delete(from)
    this.#documents.set(to, cached)
  }

  async remove(path: string): Promise<void> {
    this.#documents.delete(path)
  }
}
