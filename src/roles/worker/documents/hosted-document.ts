import { Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Clock } from '../../../core/clock.ts'
import type { DocumentStore } from '../../../core/document-store.ts'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import { DOCUMENT_TEXT, type DocumentConflict, type DocumentState } from '../../../core/wire/operations/documents.ts'
import { type DocumentFiles, type FileContent, readDocument, readSteady } from './document-files.ts'
import { fromFile } from './file-text.ts'
import { applyEdits, type Cut, SavedState } from './saved-state.ts'
import type { TextEdit } from './text-edits.ts'
import { isTextUpdate } from './update-check.ts'
import type { Viewer } from './viewer.ts'

export interface HostedDocumentOptions {
  path: string
  files: DocumentFiles
  store: DocumentStore
  clock: Clock
  /** Names a new history. */
  newGeneration: () => string
}

/** After the last edit, and at most after the first: what is typed is on the disk promptly, but not letter by letter. */
const SAVE_AFTER_MS = 400
const SAVE_AT_MOST_AFTER_MS = 2_000
const RETRY_SAVE_MS = 5_000
/** Saves in a row that find the file changed by somebody else. */
const MOST_SAVES = 10
const MAX_TEXT_CHARS = 8 * 1024 * 1024
/** Origin of changes that come from the file. */
const fromDisk = Symbol('disk')

/**
 * The document of one file: a Yjs text that pages edit together, written to the file soon after each edit, and taking in
 * what others do to the file. Each update is in the store when `receive` returns, so that the death of the worker loses
 * nothing that was acknowledged.
 */
export class HostedDocument {
  readonly text: Y.Text
  readonly awareness: Awareness
  readonly #options: HostedDocumentOptions
  readonly #saved: SavedState
  readonly #doc = new Y.Doc()
  readonly #viewers = new Set<Viewer>()
  #state: DocumentState
  #turns: Promise<unknown> = Promise.resolve()
  #cancelSave: (() => void) | undefined
  #dirtyAt: number | undefined
  #closed = false

  private constructor(options: HostedDocumentOptions, saved: SavedState) {
    this.#options = options
    this.#saved = saved
    this.#state = { dirty: saved.isBehind }
    this.text = this.#doc.getText(DOCUMENT_TEXT)
    saved.fill(this.#doc)
    this.awareness = new Awareness(this.#doc)
    this.awareness.setLocalState(null)
    this.#doc.on('update', (update: Uint8Array, origin: unknown) => this.#updated(update, origin))
    this.awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
      const clients = [...changes.added, ...changes.updated, ...changes.removed]
      const update = encodeAwarenessUpdate(this.awareness, clients)
      for (const viewer of this.#viewers) if (viewer !== origin) viewer.awareness(update)
    })
  }

  /** Goes on with what is stored, if there is anything, and takes in what was done to the file meanwhile. */
  static async load(options: HostedDocumentOptions): Promise<HostedDocument> {
    const { path, files, store, newGeneration } = options
    const stored = store.read(path)
    if (!stored) {
      const file = await readDocument(files, path)
      return new HostedDocument(options, SavedState.fresh(path, file, newGeneration(), store))
    }
    const document = new HostedDocument(options, new SavedState(path, stored, store))
    await document.#turn(() => document.#meet())
    return document
  }

  get path(): string {
    return this.#saved.path
  }

  get generation(): string {
    return this.#saved.generation
  }

  get state(): DocumentState {
    return this.#state
  }

  /** There is no file, and nothing that is not known from it. */
  get isGone(): boolean {
    return this.#state.conflict === 'gone' && !this.#state.dirty
  }

  get lineEnding(): 'lf' | 'crlf' {
    return this.#saved.lineEnding
  }

  get viewers(): number {
    return this.#viewers.size
  }

  /** What somebody lacks who has the state of this vector. */
  updateSince(vector?: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, vector)
  }

  vector(): Uint8Array {
    return Y.encodeStateVector(this.#doc)
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer)
  }

  /** `clients`: the Yjs clients it spoke for; their cursors go. */
  remove(viewer: Viewer, clients: readonly number[]): void {
    this.#viewers.delete(viewer)
    if (!this.#closed) removeAwarenessStates(this.awareness, [...clients], viewer)
  }

  /** Takes an update of a viewer's. Throws INVALID_REQUEST for one that is none, TOO_LARGE for one too many. */
  receive(update: Uint8Array, viewer: Viewer): void {
    if (this.#closed) throw new OmegaError('NOT_FOUND', `${quote(this.path)} was put away. Open it again.`)
    if (this.text.length + update.length > MAX_TEXT_CHARS) {
      throw new OmegaError('TOO_LARGE', `The text of ${quote(this.path)} has become too large to be edited here.`)
    }
    if (!isTextUpdate(update)) throw new OmegaError('INVALID_REQUEST', 'That is no update of a text.')
    Y.applyUpdate(this.#doc, update, viewer)
    // There was nothing new in it: no save will tell.
    if (!this.#state.dirty) viewer.changed(this.#state)
  }

  /** Edits by a program, in order, apart from each other. `asker`: the page whose person wants and may undo them. */
  edit(edits: readonly TextEdit[], asker?: string): void {
    this.#doc.transact(() => applyEdits(this.text, edits), asker)
  }

  /** Resolves when everything that is in the text now is in the file; rejects with the reason when that cannot be. */
  async save(): Promise<void> {
    await this.#turn(() => this.#save())
    const { conflict, problem } = this.#state
    if (conflict !== undefined) {
      const reason = conflict === 'gone' ? 'was removed' : 'is no text any more'
      throw new OmegaError('CONFLICT', `${quote(this.path)} ${reason}. Close it, or overwrite it.`)
    }
    if (problem !== undefined) throw new OmegaError('CONFLICT', `${quote(this.path)} was not saved. ${problem}`)
  }

  /** Something happened to the file. */
  fileChanged(): Promise<void> {
    return this.#turn(() => this.#merge())
  }

  /** Does something to the file while the document leaves it alone; what was unsaved is in it, if that is possible. */
  aside<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn(async () => {
      await this.#save()
      return work()
    })
  }

  /** Ends a conflict by writing our text. */
  async overwrite(): Promise<void> {
    await this.#turn(async () => {
      if (this.#state.conflict === undefined) return
      const cut = this.#cut()
      await this.#options.files.overwrite(this.path, this.#saved.contentOf(cut.text))
      this.#set({ conflict: undefined })
      this.#settle(() => this.#saved.saved(cut))
    })
  }

  /** The file is called differently now. */
  moved(path: string): void {
    this.#saved.moved(path)
  }

  /** Writes what is unsaved, as far as possible. The document is not used afterwards. */
  async close(): Promise<void> {
    if (this.#state.dirty) await this.#turn(() => this.#save())
    this.drop()
  }

  /** Ends it as it is; what is unsaved stays in the store. */
  drop(): void {
    this.#closed = true
    this.#cancelSave?.()
    if (this.isGone) this.#store(() => this.#saved.forget())
    this.awareness.destroy()
    this.#doc.destroy()
  }

  /** After the worker has begun anew: what does the file hold? */
  async #meet(): Promise<void> {
    const found = await this.#look()
    if (!found) return
    if (!this.#agrees(found)) {
      this.#store(() => this.#saved.recognise(found))
      if (found.version !== this.#saved.version) this.#takeIn(found)
    }
    this.#settled()
  }

  /** One thing at a time is done with the file. */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work)
    this.#turns = turn.catch(() => undefined)
    return turn
  }

  #updated(update: Uint8Array, origin: unknown): void {
    for (const viewer of this.#viewers) viewer.update(update, origin)
    if (origin === fromDisk) return
    this.#store(() => this.#saved.record(update))
    this.#touch()
  }

  #touch(): void {
    const now = this.#options.clock.now()
    this.#dirtyAt ??= now
    this.#set({ dirty: true })
    if (this.#state.conflict !== undefined || this.#closed) return
    this.#saveIn(Math.min(SAVE_AFTER_MS, this.#dirtyAt + SAVE_AT_MOST_AFTER_MS - now))
  }

  #saveIn(ms: number): void {
    this.#cancelSave?.()
    this.#cancelSave = this.#options.clock.after(Math.max(0, ms), () => void this.#turn(() => this.#save()))
  }

  /** Never rejects: what went wrong is in the state. */
  async #save(): Promise<void> {
    this.#cancelSave?.()
    for (let attempt = 1; this.#saved.isBehind && this.#state.conflict === undefined && !this.#closed; attempt++) {
      try {
        await this.#write()
        return
      } catch (error) {
        const changed = error instanceof OmegaError && (error.code === 'CONFLICT' || error.code === 'FILE_NOT_FOUND')
        if (!changed || attempt === MOST_SAVES) {
          this.#set({ problem: sentenceOf(error) })
          this.#saveIn(RETRY_SAVE_MS)
          return
        }
        await this.#merge()
      }
    }
  }

  async #write(): Promise<void> {
    const cut = this.#cut()
    const write = this.#options.files.write(this.path, this.#saved.contentOf(cut.text), this.#saved.version)
    await write.catch((error: unknown) => {
      this.#store(() => this.#saved.refused(cut))
      throw error
    })
    this.#settle(() => this.#saved.saved(cut))
  }

  #cut(): Cut {
    const version = this.#options.files.versionOf(this.#saved.contentOf(this.text.toString()))
    return this.#saved.cut(this.#doc, version)
  }

  /** The file holds what it should. */
  #settle(keep: () => void): void {
    this.#set({ problem: undefined })
    this.#store(keep)
    this.#settled()
  }

  #settled(): void {
    this.#dirtyAt = undefined
    this.#set({ dirty: this.#saved.isBehind })
    if (this.#saved.isBehind) this.#touch()
  }

  /** Takes in what the file holds now. */
  async #merge(): Promise<void> {
    const found = this.#closed ? undefined : await this.#look()
    if (!found || this.#closed) return
    if (this.#state.conflict !== undefined) {
      this.#set({ conflict: undefined })
      if (this.#saved.isBehind) this.#touch()
    }
    if (found.version !== this.#saved.version && !this.#agrees(found)) this.#takeIn(found)
  }

  #agrees(found: FileContent): boolean {
    if (fromFile(found.text).text !== this.text.toString()) return false
    this.#settle(() => this.#saved.agree(this.#doc, found))
    return true
  }

  #takeIn(found: FileContent): void {
    this.#store(() => Y.applyUpdate(this.#doc, this.#saved.takeIn(found), fromDisk))
  }

  /** Undefined when there is no text in the file; the state says why. */
  async #look(): Promise<FileContent | undefined> {
    const { files, clock } = this.#options
    try {
      return await readSteady(files, clock, this.path, (version) => this.#saved.knows(version))
    } catch (error) {
      const code = error instanceof OmegaError ? error.code : undefined
      if (code === 'FILE_NOT_FOUND') this.#refuse('gone')
      else if (code === 'UNSUPPORTED_MEDIA_TYPE' || code === 'TOO_LARGE' || code === 'INVALID_REQUEST') {
        this.#refuse('not-text')
      } else this.#set({ problem: sentenceOf(error) })
      return undefined
    }
  }

  #refuse(conflict: DocumentConflict): void {
    this.#cancelSave?.()
    this.#set({ conflict })
  }

  /** A disk that is full is said, and stops nobody from typing: pages keep what they typed as well. */
  #store(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#set({ problem: `The disk does not take it (${(error as NodeJS.ErrnoException).code ?? String(error)}).` })
    }
  }

  #set(change: { dirty?: boolean; conflict?: DocumentConflict | undefined; problem?: string | undefined }): void {
    const before = this.#state
    const { dirty, conflict, problem } = { ...before, ...change }
    if (dirty === before.dirty && conflict === before.conflict && problem === before.problem) return
    this.#state = {
      dirty,
      ...(conflict === undefined ? {} : { conflict }),
      ...(problem === undefined ? {} : { problem }),
    }
    for (const viewer of this.#viewers) viewer.changed(this.#state)
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
