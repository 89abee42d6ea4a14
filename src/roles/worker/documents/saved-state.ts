import * as Y from 'yjs'
import type { DocumentStore, StoredDocument } from '../../../core/document-store.ts'
import { DOCUMENT_TEXT } from '../../../core/wire/operations/documents.ts'
import type { FileContent } from './document-files.ts'
import { type FileText, fromFile, toFile } from './file-text.ts'
import { type Distance, distanceBetween, isAtMost, type TextEdit, textEdits } from './text-edits.ts'

/** The text as it was when a save began. */
export interface Cut {
  text: string
  /** The file's version once it is written. */
  version: string
  base: Uint8Array
  /** How many updates it takes in. */
  updates: number
}

/**
 * What of a document is in its file, and what came after that. Kept in the store at every step, so that after the death
 * of the worker it is known which state the file holds: the one saved last, or one that was about to be.
 */
export class SavedState {
  readonly generation: string
  readonly #store: DocumentStore
  #path: string
  #form: Omit<FileText, 'text'>
  #version: string
  /** The state whose text the file has at `version`. */
  #base: Uint8Array
  #since: Uint8Array[]
  /** Versions that were about to be written since the base. */
  readonly #cuts = new Set<string>()

  constructor(path: string, stored: StoredDocument, store: DocumentStore) {
    this.generation = stored.generation
    this.#store = store
    this.#path = path
    this.#form = { lineEnding: stored.lineEnding, byteOrderMark: stored.byteOrderMark }
    this.#version = stored.version
    this.#base = stored.base
    this.#since = updatesOf(stored)
    for (const entry of stored.log) if (entry.kind === 'saving') this.#cuts.add(entry.version)
  }

  /** The beginning of a document's history. */
  static fresh(path: string, file: FileContent, generation: string, store: DocumentStore): SavedState {
    const { text, ...form } = fromFile(file.text)
    const doc = new Y.Doc()
    doc.getText(DOCUMENT_TEXT).insert(0, text)
    const base = Y.encodeStateAsUpdate(doc)
    const stored: StoredDocument = { generation, ...form, base, version: file.version, log: [] }
    store.write(path, stored)
    return new SavedState(path, stored, store)
  }

  get path(): string {
    return this.#path
  }

  get version(): string {
    return this.#version
  }

  get lineEnding(): 'lf' | 'crlf' {
    return this.#form.lineEnding
  }

  /** Whether it is the version of a state of ours: the file's, or one that was about to be written. */
  knows(version: string): boolean {
    return version === this.#version || this.#cuts.has(version)
  }

  /** There are updates that are not in the file. */
  get isBehind(): boolean {
    return this.#since.length > 0
  }

  /** Puts everything into a document. */
  fill(doc: Y.Doc): void {
    for (const update of [this.#base, ...this.#since]) Y.applyUpdate(doc, update)
  }

  /** The content of a file with this text. */
  contentOf(text: string): string {
    return toFile({ text, ...this.#form })
  }

  /** In the store when it returns. */
  record(update: Uint8Array): void {
    this.#since.push(update)
    this.#store.append(this.#path, { kind: 'update', update })
  }

  /** What is there now is about to be written. */
  cut(doc: Y.Doc, version: string): Cut {
    const text = textOf(doc)
    this.#cuts.add(version)
    this.#store.append(this.#path, { kind: 'saving', version })
    return { text, version, base: Y.encodeStateAsUpdate(doc), updates: this.#since.length }
  }

  /** The cut was not written, and will not be. */
  refused({ version }: Cut): void {
    this.#cuts.delete(version)
    this.#store.append(this.#path, { kind: 'refused', version })
  }

  /** The file holds the state of the cut. */
  saved({ version, base, updates }: Omit<Cut, 'text'>): void {
    this.#version = version
    this.#base = base
    this.#since.splice(0, updates)
    this.#keep()
  }

  /** The file holds the text that the document has anyway. */
  agree(doc: Y.Doc, file: FileContent): void {
    const { text: _, ...form } = fromFile(file.text)
    this.#form = form
    this.saved({ version: file.version, base: Y.encodeStateAsUpdate(doc), updates: this.#since.length })
  }

  /**
   * The file was changed by somebody else: gives the update that does the same to the document. What was done to the file
   * was done to the text it had, so it is done there; merging it with what came after is Yjs's affair.
   */
  takeIn(found: FileContent): Uint8Array {
    const { text, ...form } = fromFile(found.text)
    const file = new Y.Doc()
    Y.applyUpdate(file, this.#base)
    const before = Y.encodeStateVector(file)
    const fileText = file.getText(DOCUMENT_TEXT)
    applyEdits(fileText, textEdits(fileText.toString(), text))
    this.#form = form
    this.#version = found.version
    this.#base = Y.encodeStateAsUpdate(file)
    this.#keep()
    return Y.encodeStateAsUpdate(file, before)
  }

  /** After a restart: goes back to the state that the file was made from. */
  recognise(found: FileContent): void {
    const stored = this.#store.read(this.#path)
    if (!stored) return
    const { base, applied } = likeliest(stored, found)
    this.#base = base
    this.#since = updatesOf(stored).slice(applied)
  }

  moved(path: string): void {
    this.#store.rename(this.#path, path)
    this.#path = path
  }

  forget(): void {
    this.#store.remove(this.#path)
  }

  #keep(): void {
    this.#cuts.clear()
    const log = this.#since.map((update) => ({ kind: 'update' as const, update }))
    const { generation } = this
    this.#store.write(this.#path, { generation, ...this.#form, base: this.#base, version: this.#version, log })
  }
}

/** Edits in order and apart from each other, in offsets of the text before all of them. */
export function applyEdits(text: Y.Text, edits: readonly TextEdit[]): void {
  for (const { from, to, insert } of edits.toReversed()) {
    if (to > from) text.delete(from, to - from)
    if (insert !== '') text.insert(from, insert)
  }
}

/**
 * The state that a file was made from: by its version, else the one that explains most of its text, so that nothing of
 * ours is taken for somebody else's and comes in twice; of two the one with less deleted.
 */
function likeliest(stored: StoredDocument, found: FileContent): { base: Uint8Array; applied: number } {
  const { text } = fromFile(found.text)
  const refused = new Set(stored.log.flatMap((entry) => (entry.kind === 'refused' ? [entry.version] : [])))
  const doc = new Y.Doc()
  Y.applyUpdate(doc, stored.base)
  let applied = 0
  let best = { base: stored.base, applied, distance: distanceFrom(stored.version) }
  for (const entry of stored.log) {
    if (entry.kind === 'update') {
      Y.applyUpdate(doc, entry.update)
      applied++
    } else if (entry.kind === 'saving' && !refused.has(entry.version)) {
      const distance = distanceFrom(entry.version)
      if (isAtMost(distance, best.distance)) best = { base: Y.encodeStateAsUpdate(doc), applied, distance }
    }
  }
  return best

  function distanceFrom(version: string): Distance {
    return version === found.version ? { inserted: -1, deleted: 0 } : distanceBetween(textOf(doc), text)
  }
}

function updatesOf(stored: StoredDocument): Uint8Array[] {
  return stored.log.flatMap((entry) => (entry.kind === 'update' ? [entry.update] : []))
}

function textOf(doc: Y.Doc): string {
  return doc.getText(DOCUMENT_TEXT).toString()
}
