import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { type ErrorCode, OmegaError } from '../../../core/errors.ts'
import {
  type DocumentMessage,
  decodeDocumentMessage,
  encodeDocumentMessage,
} from '../../../core/wire/document-message.ts'
import {
  DOCUMENT_TEXT,
  type DocumentConflict,
  type DocumentState as HostState,
  type OpenedDocument,
} from '../../../core/wire/operations/documents.ts'
import { Store } from '../../shared/store.ts'
import type { Connection } from '../wire/connection.ts'
import { toBase64 } from './base64.ts'
import { applyUpdate, asked, type Content, fromWorker, undoOf } from './content.ts'
import type { DocumentCache } from './document-cache.ts'
import { textChange } from './text-change.ts'

export interface DocumentState {
  phase: 'loading' | 'open' | 'failed'
  /** Why it is not open. */
  failure?: { code: ErrorCode; detail: string }
  /** Something typed, here or on another page, is not in the file yet. */
  dirty: boolean
  /** Why it is not saved by itself. */
  conflict?: DocumentConflict
  /** Why the last save did not succeed. */
  problem?: string
  /** Text typed here that could not be merged, since the document's history was lost. */
  stranded?: string
}

/** Whose cursor is shown to others: `id` is that of PersonHere, '' before it is known. */
export interface Person {
  id: string
}

const fromCache = Symbol('cache')

/**
 * An open file: a copy of the worker's document that is edited at once, whether there is a connection or not. What is
 * typed goes to the worker and into the browser's own store; after a cut both sides tell each other what they lack.
 * Never throws: what goes wrong is in `state`.
 */
export class Document {
  readonly state = new Store<DocumentState>({ phase: 'loading', dirty: false })
  readonly content = new Store<Content | undefined>(undefined)
  path: string
  readonly #connection: Connection
  readonly #cache: DocumentCache
  readonly #person: Store<Person>
  readonly #stop: (() => void)[]
  #channel: number | undefined
  /** The worker has been sent all it lacked; from now on every update goes to it. */
  #live = false
  #attempts = 0
  #cached: Promise<void> | undefined
  /** Updates sent on this channel. */
  #sent = 0
  #host: HostState = { dirty: false }
  /** Something typed here may not be in the file. */
  #pending = false
  /** The next update is one that was asked for. */
  #isAsked = false
  #closed = false

  constructor(path: string, connection: Connection, cache: DocumentCache, person: Store<Person>) {
    this.path = path
    this.#connection = connection
    this.#cache = cache
    this.#person = person
    this.#stop = [
      connection.on('document.changed', ({ channel, updates, ...host }) => {
        if (channel === this.#channel) this.#hostChanged(host, updates)
      }),
      connection.on('document.asked', ({ channel }) => {
        if (channel === this.#channel) this.#isAsked = true
      }),
      person.subscribe(() => this.#introduce()),
    ]
  }

  /** Whether what is typed now goes to the worker at once. */
  get isLive(): boolean {
    return this.#live
  }

  /** Shows what this browser has at once, then what the worker has. */
  async load(): Promise<void> {
    this.#change({ phase: this.content.get() ? 'open' : 'loading', failure: undefined })
    await this.#open()
  }

  /** After the beginning of a session: all channels are new. */
  sessionBegan(): void {
    this.#channel = undefined
    this.#live = false
    void this.#open()
  }

  /** Resolves to whether all that was typed is in the file. */
  async save(): Promise<boolean> {
    if (!this.state.get().dirty) return true
    if (this.#channel === undefined) return false
    try {
      await this.#connection.request('document.save', { channel: this.#channel })
      return true
    } catch {
      return false
    }
  }

  /** Ends a conflict: what is shown becomes the file. Rejects with the worker's problem. */
  async overwrite(): Promise<void> {
    if (this.#channel !== undefined) await this.#connection.request('document.overwrite', { channel: this.#channel })
    else {
      // Removed while nobody had it open: its document is gone as well.
      const text = this.content.get()?.text.toString() ?? ''
      await this.#connection.request('files.write', { path: this.path, text })
      this.#setPending(false)
      this.#change({ conflict: undefined })
      await this.#open()
    }
  }

  /** Puts the stranded text in the place of what is shown, or forgets it. */
  settleStranded(keep: boolean): void {
    const { stranded } = this.state.get()
    const content = this.content.get()
    if (stranded === undefined || !content) return
    if (keep) {
      const { from, to, insert } = textChange(content.text.toString(), stranded)
      content.text.doc?.transact(() => {
        content.text.delete(from, to - from)
        content.text.insert(from, insert)
      })
    }
    this.#change({ stranded: undefined })
    this.#cache.mark(this.path, { stranded: undefined }).catch(() => undefined)
  }

  /** The file is called differently now. */
  moved(path: string): void {
    void this.#cache.rename(this.path, path).catch(() => undefined)
    this.path = path
  }

  /** The document is not used afterwards. */
  close(): void {
    this.#closed = true
    for (const stop of this.#stop) stop()
    if (this.#channel !== undefined) {
      this.#connection.release(this.#channel)
      this.#connection.request('document.close', { channel: this.#channel }).catch(() => undefined)
    }
    this.#discard()
  }

  async #loadCached(): Promise<void> {
    const cached = await this.#cache.load(this.path).catch(() => undefined)
    if (!cached || this.#closed || this.content.get()) return
    this.#change({ stranded: cached.stranded })
    if (cached.updates.length === 0) return
    const content = this.#begin(cached.generation)
    for (const update of cached.updates) Y.applyUpdate(content.text.doc as Y.Doc, update, fromCache)
    this.#pending = cached.pending
    this.#change({ phase: 'open', dirty: cached.pending })
    this.content.set(content)
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempts
    // What was typed before is there first, or opening the document would take its place.
    this.#cached ??= this.#loadCached()
    await this.#cached
    if (this.#closed || attempt !== this.#attempts) return
    try {
      const mine = this.content.get()
      const doc = mine?.text.doc
      const known = mine && doc ? { generation: mine.generation, vector: toBase64(Y.encodeStateVector(doc)) } : {}
      const opened = await this.#connection.request('document.open', { path: this.path, ...known })
      if (!this.#closed && attempt === this.#attempts) this.#opened(opened)
      else this.#connection.request('document.close', { channel: opened.channel }).catch(() => undefined)
    } catch (error) {
      if (attempt === this.#attempts) this.#failed(error)
    }
  }

  #opened({ channel, generation, lineEnding: _, ...host }: OpenedDocument): void {
    this.#channel = channel
    this.#live = false
    this.#sent = 0
    this.#host = host
    if (this.content.get()?.generation !== generation) this.#replace(generation)
    this.#settle()
    this.#connection.receive(channel, (bytes) => this.#receive(bytes))
  }

  /** The worker's document is another one than ours: what we have cannot be merged, but it is not thrown away. */
  #replace(generation: string): void {
    const mine = this.content.get()
    const stranded = this.state.get().stranded ?? (mine && this.#pending ? mine.text.toString() : undefined)
    this.#discard()
    this.#pending = false
    this.#change({ phase: 'loading', stranded })
    void this.#cache.begin(this.path, generation, stranded).catch(() => undefined)
    this.content.set(this.#begin(generation))
  }

  #failed(error: unknown): void {
    if (!(error instanceof OmegaError)) throw error
    // It is opened again with the next session.
    if (error.code === 'UNREACHABLE') return
    if (!this.content.get()) this.#change({ phase: 'failed', failure: { code: error.code, detail: error.message } })
    else if (error.code === 'FILE_NOT_FOUND') this.#change({ conflict: 'gone' })
    else if (/^(UNSUPPORTED_MEDIA_TYPE|TOO_LARGE|INVALID_REQUEST)$/.test(error.code)) {
      this.#change({ conflict: 'not-text' })
    } else this.#change({ problem: error.message })
  }

  #begin(generation: string): Content {
    const doc = new Y.Doc()
    const text = doc.getText(DOCUMENT_TEXT)
    const awareness = new Awareness(doc)
    const undo = undoOf(text)
    const content: Content = { generation, text, awareness, undo }
    doc.on('update', (update: Uint8Array, origin: unknown) => this.#updated(content, update, origin))
    awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
      if (origin !== fromWorker) this.#sendAwareness([...changes.added, ...changes.updated, ...changes.removed])
    })
    awareness.setLocalStateField('user', this.#person.get())
    return content
  }

  #introduce(): void {
    this.content.get()?.awareness.setLocalStateField('user', this.#person.get())
  }

  #discard(): void {
    const content = this.content.get()
    this.content.set(undefined)
    content?.awareness.destroy()
    content?.undo.destroy()
    content?.text.doc?.destroy()
  }

  #updated(content: Content, update: Uint8Array, origin: unknown): void {
    if (origin !== fromCache) this.#keep(content, update)
    if (origin === fromWorker || origin === asked || origin === fromCache) return
    this.#setPending(true)
    if (this.#live) this.#sendUpdate('update', update)
    this.#settle()
  }

  #keep(content: Content, update: Uint8Array): void {
    this.#cache.append(this.path, content.generation, update).catch(() => undefined)
  }

  #receive(bytes: Uint8Array): void {
    const content = this.content.get()
    const doc = content?.text.doc
    const message = decodeDocumentMessage(bytes)
    if (!content || !doc || !message) return
    if (message.kind === 'awareness') applyAwarenessUpdate(content.awareness, message.update, fromWorker)
    else if (message.kind === 'step1') {
      this.#live = true
      // Deletions are in no vector.
      if (this.#pending || isBehind(message.vector, doc)) {
        this.#sendUpdate('step2', Y.encodeStateAsUpdate(doc, message.vector))
      }
      this.#sendAwareness([content.awareness.clientID])
      this.#settle()
    } else {
      const origin = this.#isAsked ? asked : fromWorker
      this.#isAsked = false
      applyUpdate(content, message.update, origin)
      if (this.state.get().phase !== 'open') this.#change({ phase: 'open' })
      if (this.state.get().stranded === content.text.toString()) this.settleStranded(false)
    }
  }

  #hostChanged(host: HostState, updates: number): void {
    this.#host = host
    this.#settle(updates)
  }

  /** What the worker says and what we know makes one state. */
  #settle(updates?: number): void {
    const { dirty, conflict, problem } = this.#host
    if (updates !== undefined && this.#live && !dirty && updates >= this.#sent) this.#setPending(false)
    else if (this.#live && this.#sent === 0 && !dirty) this.#setPending(false)
    this.#change({ dirty: dirty || this.#pending, conflict, problem })
  }

  #setPending(pending: boolean): void {
    if (pending === this.#pending) return
    this.#pending = pending
    this.#cache.mark(this.path, { pending }).catch(() => undefined)
  }

  #sendUpdate(kind: 'step2' | 'update', update: Uint8Array): void {
    this.#sent++
    this.#send({ kind, update })
  }

  #sendAwareness(clients: number[]): void {
    const content = this.content.get()
    if (!this.#live || !content) return
    const known = clients.filter((client) => content.awareness.meta.has(client))
    if (known.length > 0) this.#send({ kind: 'awareness', update: encodeAwarenessUpdate(content.awareness, known) })
  }

  #send(message: DocumentMessage): void {
    if (this.#channel !== undefined) this.#connection.data(this.#channel, encodeDocumentMessage(message))
  }

  #change(change: { [K in keyof DocumentState]?: DocumentState[K] | undefined }): void {
    const before = this.state.get()
    const next = Object.fromEntries(
      Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined),
    ) as unknown as DocumentState
    const keys = new Set([...Object.keys(before), ...Object.keys(next)]) as Set<keyof DocumentState>
    if ([...keys].some((key) => before[key] !== next[key])) this.state.set(next)
  }
}

/** Whether somebody with the state of this vector lacks something of ours. */
function isBehind(vector: Uint8Array, doc: Y.Doc): boolean {
  const theirs = Y.decodeStateVector(vector)
  return [...Y.decodeStateVector(Y.encodeStateVector(doc))].some(([client, clock]) => clock > (theirs.get(client) ?? 0))
}
