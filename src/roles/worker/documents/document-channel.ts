import { applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { OmegaError } from '../../../core/errors.ts'
import {
  type DocumentMessage,
  decodeDocumentMessage,
  encodeDocumentMessage,
} from '../../../core/wire/document-message.ts'
import { Tag } from '../../../core/wire/frames.ts'
import type { DocumentState } from '../../../core/wire/operations/documents.ts'
import type { Channel, ChannelFrame, Page } from '../wire/page.ts'
import { cursorsIn } from './cursors.ts'
import type { HostedDocument } from './hosted-document.ts'
import type { Viewer } from './viewer.ts'

/** Of a person's cursors. */
const MAX_AWARENESS_BYTES = 16 * 1024
/** A page has one Yjs client for a document, and another one when it has lost the first. */
const MAX_CLIENTS = 8

/** Who speaks for the Yjs clients of a document: nobody moves the cursor of another, or takes it away. */
const speakers = new WeakMap<HostedDocument, Map<number, DocumentChannel>>()

export interface DocumentChannelOptions {
  page: Page
  /** Who the page is to others now; undefined while it has not said. */
  personOf: (page: Page) => string | undefined
  /** The page has changed the text: there was something new in what it sent. */
  onEdit: () => void
  onClose: () => void
}

/** A document as one page has it open: Yjs's sync and awareness protocols in the channel's data. */
export class DocumentChannel implements Channel, Viewer {
  readonly number: number
  readonly document: HostedDocument
  readonly #options: DocumentChannelOptions
  readonly #page: Page
  #taken = 0
  /** Yjs clients this page speaks for. */
  readonly #clients = new Set<number>()

  constructor(number: number, document: HostedDocument, options: DocumentChannelOptions) {
    this.number = number
    this.document = document
    this.#options = options
    this.#page = options.page
    document.add(this)
  }

  /** Sends what the page lacks, asks for what we lack, and says where the others are. */
  begin(vector: Uint8Array | undefined): void {
    this.#send({ kind: 'step2', update: this.document.updateSince(vector) })
    this.#send({ kind: 'step1', vector: this.document.vector() })
    const clients = [...this.document.awareness.getStates().keys()]
    if (clients.length > 0) this.awareness(encodeAwarenessUpdate(this.document.awareness, clients))
  }

  receive(frame: ChannelFrame): void {
    if (frame.tag !== Tag.data) return
    try {
      this.#take(frame.payload)
    } catch (error) {
      const problem = error instanceof OmegaError ? error.message : 'The page sent what is no message of a document.'
      this.#page.tell('document.changed', { channel: this.number, updates: this.#taken, dirty: true, problem })
      this.#page.end(this)
    }
  }

  update(update: Uint8Array, origin: unknown): void {
    if (origin === this) {
      this.#options.onEdit()
      return
    }
    if (origin === this.#page.id) this.#page.tell('document.asked', { channel: this.number })
    this.#send({ kind: 'update', update })
  }

  awareness(update: Uint8Array): void {
    this.#send({ kind: 'awareness', update })
  }

  changed(state: DocumentState): void {
    this.#page.tell('document.changed', { channel: this.number, updates: this.#taken, ...state })
  }

  close(): void {
    this.document.remove(this, [...this.#clients])
    const all = speakers.get(this.document)
    for (const client of this.#clients) if (all?.get(client) === this) all.delete(client)
    this.#options.onClose()
  }

  #take(payload: Uint8Array): void {
    const message = decodeDocumentMessage(payload)
    if (!message) throw new OmegaError('INVALID_REQUEST', 'There is no such message of a document.')
    if (message.kind === 'step1') this.#send({ kind: 'step2', update: this.document.updateSince(message.vector) })
    else if (message.kind === 'awareness') {
      if (payload.length > MAX_AWARENESS_BYTES) throw new OmegaError('TOO_LARGE', 'That is too much for a cursor.')
      if (this.#speaksFor(message.update)) applyAwarenessUpdate(this.document.awareness, message.update, this)
    } else {
      if (!this.#page.mayChange) throw new OmegaError('FORBIDDEN', 'You may look at this sandbox, but change nothing.')
      this.#taken++
      this.document.receive(message.update, this)
    }
  }

  /** Whether all in an awareness update is this page's to say. */
  #speaksFor(update: Uint8Array): boolean {
    const cursors = cursorsIn(update)
    const all = speakers.get(this.document) ?? new Map<number, DocumentChannel>()
    const id = this.#person
    const isOurs = cursors.every(({ client, person }) => {
      const speaker = all.get(client)
      // Somebody who came back with a new session has left the old one behind.
      const isFree = speaker === undefined || speaker === this || speaker.#person === undefined
      return isFree && (person === undefined || person === id)
    })
    if (!isOurs || new Set([...this.#clients, ...cursors.map(({ client }) => client)]).size > MAX_CLIENTS) return false
    speakers.set(this.document, all)
    for (const { client } of cursors) {
      this.#clients.add(client)
      all.set(client, this)
    }
    return true
  }

  get #person(): string | undefined {
    return this.#options.personOf(this.#page)
  }

  #send(message: DocumentMessage): void {
    this.#page.data(this.number, encodeDocumentMessage(message))
  }
}
