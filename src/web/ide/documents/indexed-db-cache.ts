import { mergeUpdates } from 'yjs'
import { type DocumentRow, type KeptDocument, keptDocument, result, updatesOf } from './database.ts'
import type { CachedDocument, DocumentCache } from './document-cache.ts'
import { UnwrittenUpdates, type UpdateRow } from './unwritten-updates.ts'

/** What is typed this closely is written at once. */
const GATHER_MS = 20
/** More updates than this are made one after they were read. */
const MOST_UPDATES = 40
/** Documents kept; those not used for longest go first, unless something in them is pending. */
const MOST_DOCUMENTS = 200
const PRUNE_AFTER_MS = 15_000
const USED_AFTER_MS = 2_000

/** One that was begun to be read before there was a cache. */
export interface EarlyDocument {
  path: string
  kept: Promise<KeptDocument | undefined>
}

/** In IndexedDB; the origin is the sandbox's own. */
export class IndexedDbCache implements DocumentCache {
  readonly #database: Promise<IDBDatabase>
  readonly #unwritten: UnwrittenUpdates
  #early: EarlyDocument | undefined
  #writing: Promise<void> | undefined

  constructor(database: Promise<IDBDatabase>, storage: Storage | undefined, early?: EarlyDocument) {
    this.#unwritten = new UnwrittenUpdates(storage)
    this.#database = database
    database.catch(() => undefined)
    // What an earlier page left is not in what was read before.
    if (this.#unwritten.isEmpty) this.#early = early
    else this.#writeSoon().catch(() => undefined)
    // Not while the page opens, when its documents wait for the database.
    setTimeout(() => void this.#prune(), PRUNE_AFTER_MS)
  }

  /** The page is about to go, and what the browser has been given may not be done in time. */
  leave(): void {
    this.#unwritten.leave()
  }

  async pending(): Promise<string[]> {
    const documents = (await this.#database).transaction('documents', 'readonly').objectStore('documents')
    const rows = await result<DocumentRow[]>(documents.getAll())
    return rows.filter(({ pending }) => pending).map(({ path }) => path)
  }

  async load(path: string): Promise<CachedDocument | undefined> {
    await this.#writing
    const early = this.#early
    this.#early = undefined
    const found = await (early?.path === path ? early.kept : keptDocument(await this.#database, path))
    if (!found) return undefined
    // A page that opens waits for the text, not for this.
    setTimeout(() => void this.#used(path).catch(() => undefined), USED_AFTER_MS)
    const { generation, pending, stranded } = found.row
    return { generation, pending, updates: found.updates, ...(stranded === undefined ? {} : { stranded }) }
  }

  /** It is not among those that go first; many updates become one. */
  async #used(path: string): Promise<void> {
    await this.#transact(async (documents, updates) => {
      const row = (await result(documents.get(path))) as DocumentRow | undefined
      if (!row) return
      documents.put({ ...row, usedAt: Date.now() })
      const kept = updatesOf(row, (await result(updates.index('path').getAll(path))) as UpdateRow[])
      if (kept.length <= MOST_UPDATES) return
      await clear(updates, path)
      updates.add({ path, generation: row.generation, update: mergeUpdates(kept) })
    })
  }

  async begin(path: string, generation: string, stranded: string | undefined): Promise<void> {
    await this.#transact(async (documents, updates) => {
      const row = (await result(documents.get(path))) as DocumentRow | undefined
      if (row?.generation === generation) return
      await clear(updates, path)
      documents.put({
        path,
        generation,
        pending: false,
        usedAt: Date.now(),
        ...(stranded === undefined ? {} : { stranded }),
      })
    })
  }

  append(path: string, generation: string, update: Uint8Array): Promise<void> {
    this.#unwritten.add({ path, generation, update })
    return this.#writeSoon()
  }

  async mark(path: string, change: { pending?: boolean; stranded?: string | undefined }): Promise<void> {
    await this.#transact(async (documents) => {
      const row = (await result(documents.get(path))) as DocumentRow | undefined
      if (row) documents.put({ ...row, ...change })
    })
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#writing
    await this.#transact(async (documents, updates) => {
      const row = (await result(documents.get(from))) as DocumentRow | undefined
      if (!row) return
      const rows = (await result(updates.index('path').getAll(from))) as UpdateRow[]
      await clear(updates, from)
      await clear(updates, to)
      documents.delete(from)
      documents.put({ ...row, path: to })
      for (const one of rows) updates.add({ ...one, path: to })
    })
  }

  async remove(path: string): Promise<void> {
    this.#unwritten.forget(path)
    await this.#transact(async (documents, updates) => {
      await clear(updates, path)
      documents.delete(path)
    })
  }

  #writeSoon(): Promise<void> {
    this.#writing ??= new Promise<void>((resolve) => setTimeout(resolve, GATHER_MS)).then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    this.#writing = undefined
    const all = this.#unwritten.all()
    await this.#transact(async (documents, updates) => {
      for (const path of new Set(all.map((row) => row.path))) {
        const rows = all.filter((row) => row.path === path)
        const known = (await result(documents.get(path))) as DocumentRow | undefined
        const generation = known?.generation ?? rows.at(-1)?.generation ?? ''
        if (!known) documents.put({ path, generation, pending: true, usedAt: Date.now() })
        const ours = rows.filter((row) => row.generation === generation).map(({ update }) => update)
        if (ours.length > 0) updates.add({ path, generation, update: ours.length === 1 ? ours[0] : mergeUpdates(ours) })
      }
    })
    this.#unwritten.written(all)
  }

  async #prune(): Promise<void> {
    await this.#transact(async (documents, updates) => {
      const rows = ((await result(documents.getAll())) as DocumentRow[]).sort((a, b) => b.usedAt - a.usedAt)
      for (const { path } of rows.slice(MOST_DOCUMENTS).filter(({ pending, stranded }) => !pending && !stranded)) {
        await clear(updates, path)
        documents.delete(path)
      }
    }).catch(() => undefined)
  }

  /** Resolves when it is done for good. A browser that forbids or lacks storage rejects. */
  async #transact<T>(work: (documents: IDBObjectStore, updates: IDBObjectStore) => Promise<T>): Promise<T> {
    const database = await this.#database
    const transaction = database.transaction(['documents', 'updates'], 'readwrite')
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
    const value = await work(transaction.objectStore('documents'), transaction.objectStore('updates'))
    await done
    return value
  }
}

async function clear(updates: IDBObjectStore, path: string): Promise<void> {
  for (const key of await result(updates.index('path').getAllKeys(path))) updates.delete(key)
}
