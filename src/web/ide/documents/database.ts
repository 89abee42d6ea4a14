import type { UpdateRow } from './unwritten-updates.ts'

export interface DocumentRow {
  path: string
  generation: string
  /** As in CachedDocument. */
  pending: boolean
  stranded?: string
  /** Milliseconds since the epoch. */
  usedAt: number
}

export interface KeptDocument {
  row: DocumentRow
  /** Those of its generation. */
  updates: Uint8Array[]
}

/** Where the browser keeps what is typed: `documents` by path, and their `updates`. */
export function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open('omega-documents', 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('documents', { keyPath: 'path' })
      request.result.createObjectStore('updates', { autoIncrement: true }).createIndex('path', 'path')
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** What is kept of a document. */
export async function keptDocument(database: IDBDatabase, path: string): Promise<KeptDocument | undefined> {
  const transaction = database.transaction(['documents', 'updates'], 'readonly')
  const [row, rows] = await Promise.all([
    result<DocumentRow | undefined>(transaction.objectStore('documents').get(path)),
    result<UpdateRow[]>(transaction.objectStore('updates').index('path').getAll(path)),
  ])
  return row && { row, updates: updatesOf(row, rows) }
}

/** Those of the document as it is now, not of one that had its path before. */
export function updatesOf({ generation }: DocumentRow, rows: readonly UpdateRow[]): Uint8Array[] {
  return rows.filter((row) => row.generation === generation).map(({ update }) => update)
}

export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
