import { readdirSync, readFileSync } from 'node:fs'
import * as Y from 'yjs'
import type { LanguageServer } from '../../src/core/language-servers.ts'
import {
  type DocumentMessage,
  decodeDocumentMessage,
  encodeDocumentMessage,
} from '../../src/core/wire/document-message.ts'
import { Tag } from '../../src/core/wire/frames.ts'
import { DOCUMENT_TEXT } from '../../src/core/wire/operations/documents.ts'
import type { LanguageMessage, LanguageRequest } from '../../src/core/wire/operations/language.ts'
import type { WireClient } from './worker.ts'

/** A document as a page has it open. */
export interface OpenText {
  channel: number
  text: Y.Text
  insert(at: number, text: string): void
  /** Replaces the first occurrence. */
  replace(from: string, to: string): void
}

interface Answer {
  result?: unknown
  error?: { code: number; message: string }
}

/** A page that edits documents and talks to one language server. */
export class LanguagePage {
  readonly client: WireClient
  channel = 0
  root = ''
  readonly messages: LanguageMessage[] = []
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #next = 1

  constructor(client: WireClient) {
    this.client = client
  }

  async open(server: LanguageServer): Promise<void> {
    const { channel, root } = await this.client.request('language.open', { server })
    this.channel = channel
    this.root = root
    this.client.listen(channel, (payload) => {
      const message = JSON.parse(Buffer.from(payload).toString()) as LanguageMessage
      this.messages.push(message)
      if ('id' in message) {
        this.#waiting.get(message.id)?.(message as Answer)
        this.#waiting.delete(message.id)
      }
    })
  }

  uri(path: string): string {
    return `${this.root}/${path}`
  }

  send(message: LanguageRequest): void {
    this.client.send({ tag: Tag.data, channel: this.channel, payload: Buffer.from(JSON.stringify(message)) })
  }

  /** The answer, whatever it is. */
  attempt(method: string, params: unknown, texts?: Record<string, number>): Promise<Answer> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.send({ id, method, params, ...(texts ? { texts } : {}) })
    })
  }

  async ask<T>(method: string, params: unknown): Promise<T> {
    const { result, error } = await this.attempt(method, params)
    if (error) throw new Error(`${method}: ${error.code} ${error.message}`)
    return result as T
  }

  /** Asks about a place in a file: behind the first occurrence of `after`. */
  askAt<T>(method: string, path: string, document: OpenText, after: string, more: object = {}): Promise<T> {
    return this.ask(method, { textDocument: { uri: this.uri(path) }, position: placeAfter(document, after), ...more })
  }

  /** The latest diagnostics of a file that satisfy the condition. */
  async diagnostics(path: string, is: (messages: string[]) => boolean): Promise<string[]> {
    const latest = () => {
      const of = this.messages.filter((one) => 'diagnostics' in one && one.uri === this.uri(path)).at(-1)
      const found = (of as { diagnostics: { message: string }[] } | undefined)?.diagnostics
      return found?.map(({ message }) => message)
    }
    await this.client.until(() => {
      const found = latest()
      return found !== undefined && is(found)
    })
    return latest() ?? []
  }

  async document(path: string): Promise<OpenText> {
    const { channel } = await this.client.request('document.open', { path })
    const doc = new Y.Doc()
    let synced = false
    const send = (message: DocumentMessage) =>
      this.client.send({ tag: Tag.data, channel, payload: encodeDocumentMessage(message) })
    const take = (payload: Uint8Array) => {
      const message = decodeDocumentMessage(payload)
      if (message?.kind === 'step1') send({ kind: 'step2', update: Y.encodeStateAsUpdate(doc, message.vector) })
      else if (message?.kind === 'step2' || message?.kind === 'update') Y.applyUpdate(doc, message.update, 'worker')
      synced ||= message?.kind === 'step2'
    }
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'worker') send({ kind: 'update', update })
    })
    this.client.listen(channel, take)
    await this.client.until(() => synced)
    const text = doc.getText(DOCUMENT_TEXT)
    return {
      channel,
      text,
      insert: (at, inserted) => text.insert(at, inserted),
      replace: (from, to) => {
        const at = text.toString().indexOf(from)
        doc.transact(() => {
          text.delete(at, from.length)
          text.insert(at, to)
        })
      },
    }
  }
}

export function placeAfter({ text }: OpenText, after: string): { line: number; character: number } {
  const all = text.toString()
  const lines = all.slice(0, all.indexOf(after) + after.length).split('\n')
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
}

/** Process ids below this one whose command line holds `words`. */
export function processesBelow(pid: number, words: string): number[] {
  const found: number[] = []
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ')
    for (const child of children.filter((one) => one !== '').map(Number)) {
      try {
        const line = readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' ')
        if (line.includes(words)) found.push(child)
        found.push(...processesBelow(child, words))
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  return found
}
