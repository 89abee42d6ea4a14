import * as decoding from 'lib0/decoding'
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
import type { HostedDocument } from './hosted-document.ts'
import type { Viewer } from './viewer.ts'

/** A cursor, a name, a colour. */
const MAX_AWARENESS_BYTES = 16 * 1024

/** A document as one page has it open: Yjs's sync and awareness protocols in the channel's data. */
export class DocumentChannel implements Channel, Viewer {
  readonly number: number
  readonly document: HostedDocument
  readonly #page: Page
  readonly #mayChange: boolean
  readonly #onClose: (channel: DocumentChannel) => void
  #taken = 0
  /** Yjs clients this page speaks for. */
  readonly clients = new Set<number>()

  constructor(
    number: number,
    document: HostedDocument,
    page: Page,
    mayChange: boolean,
    onClose: (channel: DocumentChannel) => void,
  ) {
    this.number = number
    this.document = document
    this.#page = page
    this.#mayChange = mayChange
    this.#onClose = onClose
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

  update(update: Uint8Array): void {
    this.#send({ kind: 'update', update })
  }

  awareness(update: Uint8Array): void {
    this.#send({ kind: 'awareness', update })
  }

  changed(state: DocumentState): void {
    this.#page.tell('document.changed', { channel: this.number, updates: this.#taken, ...state })
  }

  close(): void {
    this.document.remove(this, [...this.clients])
    this.#onClose(this)
  }

  #take(payload: Uint8Array): void {
    const message = decodeDocumentMessage(payload)
    if (!message) throw new OmegaError('INVALID_REQUEST', 'There is no such message of a document.')
    if (message.kind === 'step1') this.#send({ kind: 'step2', update: this.document.updateSince(message.vector) })
    else if (message.kind === 'awareness') {
      if (payload.length > MAX_AWARENESS_BYTES) throw new OmegaError('TOO_LARGE', 'That is too much for a cursor.')
      for (const client of clientsOf(message.update)) this.clients.add(client)
      applyAwarenessUpdate(this.document.awareness, message.update, this)
    } else {
      if (!this.#mayChange) throw new OmegaError('FORBIDDEN', 'You may look at this sandbox, but change nothing.')
      this.#taken++
      this.document.receive(message.update, this)
    }
  }

  #send(message: DocumentMessage): void {
    this.#page.data(this.number, encodeDocumentMessage(message))
  }
}

/** The clients an awareness update (y-protocols) is about. */
function clientsOf(update: Uint8Array): number[] {
  const decoder = decoding.createDecoder(update)
  const count = decoding.readVarUint(decoder)
  const clients: number[] = []
  for (let index = 0; index < count; index++) {
    clients.push(decoding.readVarUint(decoder))
    decoding.readVarUint(decoder)
    JSON.parse(decoding.readVarString(decoder))
  }
  return clients
}
