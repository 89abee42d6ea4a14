import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { Store } from '../../shared/store.ts'

/** The disk as a document sees it: `files.read` and `files.write` of the wire. */
export interface FileAccess {
  read(path: string): Promise<{ text: string; version: string }>
  write(path: string, text: string, base: string | undefined): Promise<{ version: string }>
}

/** Where the text lives: the editor's state. `replace` keeps the cursor and is not an edit of the person's. */
export interface TextBuffer {
  text(): string
  replace(text: string): void
}

export interface DocumentState {
  phase: 'loading' | 'open' | 'failed'
  /** Why it is not open. */
  failure?: string
  /** Edits that are not on the disk yet. */
  dirty: boolean
  saving: boolean
  /** Saved at least once since it was opened. */
  saved: boolean
  /** Why the last save did not succeed. */
  problem?: string
  /** Somebody else's text at the same path; `undefined` text: the file is gone. */
  conflict?: { text: string | undefined; version: string | undefined }
}

/** Idle time after which edits are saved by themselves. */
export const AUTO_SAVE_MS = 800

/**
 * An open file: loading, edits, saving one write at a time, changes made on the disk by others. Never throws; what goes
 * wrong is in `state`. Edits made while a write is under way are written after it.
 */
export class Document {
  readonly path: string
  readonly state = new Store<DocumentState>({ phase: 'loading', dirty: false, saving: false, saved: false })
  buffer: TextBuffer | undefined
  /** Stands for the bytes on the disk our text is based on. */
  #base: string | undefined
  #revision = 0
  #saving: Promise<boolean> | undefined
  #cancelAutoSave: (() => void) | undefined
  readonly #files: FileAccess
  readonly #clock: Clock

  constructor(path: string, files: FileAccess, clock: Clock) {
    this.path = path
    this.#files = files
    this.#clock = clock
  }

  get base(): string | undefined {
    return this.#base
  }

  /** Reads the file and makes the buffer. `draft`: text typed before a reload that never reached the disk. */
  async load(
    makeBuffer: (text: string) => TextBuffer,
    draft?: { text: string; base: string | undefined },
  ): Promise<void> {
    this.#change({ phase: 'loading', failure: undefined })
    try {
      const { text, version } = await this.#files.read(this.path)
      this.#base = version
      this.buffer = makeBuffer(text)
      this.#change({ phase: 'open' })
      if (draft && draft.text !== text) this.#takeDraft(draft, { text, version })
    } catch (error) {
      this.#change({ phase: 'failed', failure: sentenceOf(error) })
    }
  }

  /** To be called after every edit of the person's. */
  edited(): void {
    this.#revision++
    if (!this.state.get().dirty) this.#change({ dirty: true })
    this.#scheduleSave()
  }

  /** Resolves to whether the text is on the disk. */
  async save(): Promise<boolean> {
    if (this.#saving) {
      await this.#saving
      return this.state.get().dirty ? this.save() : true
    }
    const { dirty, conflict } = this.state.get()
    if (!this.buffer || conflict) return false
    if (!dirty) return true
    this.#saving = this.#write(this.buffer).finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Looks whether the disk has something else than what this document stands on. */
  async diskChanged(): Promise<void> {
    await this.#saving
    if (!this.buffer) return
    try {
      this.#compare(this.buffer, await this.#files.read(this.path))
    } catch (error) {
      if (error instanceof OmegaError && error.code === 'FILE_NOT_FOUND') {
        this.#change({ conflict: { text: undefined, version: undefined } })
      }
    }
  }

  /** Ends a conflict with the text of the disk. */
  takeTheirs(): void {
    const { conflict } = this.state.get()
    if (conflict?.text === undefined || !this.buffer) return
    this.#adopt(this.buffer, { text: conflict.text, version: conflict.version })
  }

  /** Ends a conflict with our text. */
  async keepMine(): Promise<boolean> {
    const { conflict } = this.state.get()
    if (!conflict) return this.save()
    this.#base = conflict.version
    this.#change({ conflict: undefined, dirty: true })
    return this.save()
  }

  /** Stops its timer; the document is not used afterwards. */
  close(): void {
    this.#cancelAutoSave?.()
  }

  async #write(buffer: TextBuffer): Promise<boolean> {
    this.#cancelAutoSave?.()
    const revision = this.#revision
    const text = buffer.text()
    this.#change({ saving: true, problem: undefined })
    try {
      const { version } = await this.#files.write(this.path, text, this.#base)
      this.#base = version
      this.#settle(revision)
      return !this.state.get().dirty
    } catch (error) {
      this.#change({ saving: false })
      if (error instanceof OmegaError && /^(CONFLICT|FILE_EXISTS|FILE_NOT_FOUND)$/.test(error.code)) {
        return this.#resolveConflict(revision, text)
      }
      // Without a connection nothing is wrong with the document: it is saved when the connection is back.
      if (!(error instanceof OmegaError && error.code === 'UNREACHABLE')) this.#change({ problem: sentenceOf(error) })
      return false
    }
  }

  /** A write whose answer was lost with its connection conflicts with itself: then the disk has our text already. */
  async #resolveConflict(revision: number, written: string): Promise<boolean> {
    try {
      const theirs = await this.#files.read(this.path)
      if (theirs.text === written) {
        this.#base = theirs.version
        this.#settle(revision)
        return !this.state.get().dirty
      }
      this.#change({ conflict: theirs })
    } catch (error) {
      if (error instanceof OmegaError && error.code === 'FILE_NOT_FOUND') {
        this.#change({ conflict: { text: undefined, version: undefined } })
      } else this.#change({ problem: sentenceOf(error) })
    }
    return false
  }

  #settle(revision: number): void {
    const dirty = this.#revision !== revision
    this.#change({ dirty, saving: false, saved: true, problem: undefined, conflict: undefined })
    if (dirty) this.#scheduleSave()
  }

  #compare(buffer: TextBuffer, theirs: { text: string; version: string }): void {
    const { dirty } = this.state.get()
    if (theirs.version === this.#base || theirs.text === buffer.text()) {
      this.#base = theirs.version
      this.#change({ conflict: undefined, ...(theirs.text === buffer.text() ? { dirty: false } : {}) })
    } else if (dirty) this.#change({ conflict: theirs })
    else this.#adopt(buffer, theirs)
  }

  #adopt(buffer: TextBuffer, theirs: { text: string; version: string | undefined }): void {
    this.#base = theirs.version
    if (buffer.text() !== theirs.text) buffer.replace(theirs.text)
    this.#change({ dirty: false, conflict: undefined, problem: undefined })
  }

  #takeDraft(draft: { text: string; base: string | undefined }, disk: { text: string; version: string }): void {
    this.buffer?.replace(draft.text)
    this.#revision++
    this.#change({ dirty: true, ...(draft.base === disk.version ? {} : { conflict: disk }) })
    this.#scheduleSave()
  }

  #scheduleSave(): void {
    this.#cancelAutoSave?.()
    this.#cancelAutoSave = this.#clock.after(AUTO_SAVE_MS, () => void this.save())
  }

  #change(change: { [K in keyof DocumentState]?: DocumentState[K] | undefined }): void {
    const next = Object.fromEntries(
      Object.entries({ ...this.state.get(), ...change }).filter(([, value]) => value !== undefined),
    )
    this.state.set(next as unknown as DocumentState)
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
