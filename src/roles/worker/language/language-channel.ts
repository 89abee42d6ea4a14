import { Tag } from '../../../core/wire/frames.ts'
import {
  CONTENT_MODIFIED,
  type LanguageMessage,
  MAX_LANGUAGE_MESSAGE_BYTES,
} from '../../../core/wire/operations/language.ts'
import type { Channel, ChannelFrame, Page } from '../wire/page.ts'
import { completionList } from './completion-list.ts'
import type { LanguageHost } from './language-host.ts'
import { languageMethod, languageMethods } from './language-methods.ts'
import { RpcCode, RpcError } from './rpc-peer.ts'

/** Requests of one page to one server at once. */
const MAX_UNDER_WAY = 64
/** A frame holds 8 MiB. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024

export interface LanguageChannelOptions {
  number: number
  page: Page
  host: LanguageHost
  /** A server named these URIs; they may be asked for. */
  onPlaces: (uris: string[]) => void
}

/** A page's line to a server: requests with numbers of the page's own, answers, and what the server finds wrong. */
export class LanguageChannel implements Channel {
  readonly number: number
  readonly host: LanguageHost
  readonly #options: LanguageChannelOptions
  readonly #underWay = new Map<number, AbortController>()
  #stop: (() => void) | undefined

  constructor(options: LanguageChannelOptions) {
    this.number = options.number
    this.host = options.host
    this.#options = options
  }

  /** To be called when the page knows the channel. */
  begin(): void {
    this.#stop ??= this.host.listen((message) => this.#send(message))
  }

  receive(frame: ChannelFrame): void {
    if (frame.tag !== Tag.data) return
    const message = frame.payload.length <= MAX_LANGUAGE_MESSAGE_BYTES ? decode(frame.payload) : undefined
    if (typeof message?.cancel === 'number') this.#underWay.get(message.cancel)?.abort()
    else if (message && Number.isSafeInteger(message.id)) void this.#request(message.id as number, message)
    // What is no message has no number it could be answered under.
    else this.#options.page.end(this)
  }

  close(): void {
    this.#stop?.()
    for (const controller of this.#underWay.values()) controller.abort()
  }

  async #request(id: number, { method, params, texts }: Record<string, unknown>): Promise<void> {
    const controller = new AbortController()
    try {
      if (this.#underWay.has(id)) throw new RpcError(RpcCode.requestFailed, `Request ${id} is under way already.`)
      if (this.#underWay.size >= MAX_UNDER_WAY) {
        throw new RpcError(RpcCode.requestFailed, `${MAX_UNDER_WAY} requests are under way. Wait for their answers.`)
      }
      this.#underWay.set(id, controller)
      try {
        const result = await this.#ask(String(method), params, texts, controller.signal)
        this.#send({ id, result })
      } finally {
        this.#underWay.delete(id)
      }
    } catch (error) {
      const { code, message } = error instanceof RpcError ? error : new RpcError(RpcCode.internal, String(error))
      this.#send({ id, error: { code, message } })
    }
  }

  async #ask(method: string, params: unknown, texts: unknown, signal: AbortSignal): Promise<unknown> {
    const known = languageMethod(method)
    if (!known) {
      throw new RpcError(
        RpcCode.methodNotFound,
        `There is no method ${JSON.stringify(method.slice(0, 100))} here; there are ${languageMethods.join(', ')}.`,
      )
    }
    if (known.edits && !this.#options.page.mayChange) {
      throw new RpcError(RpcCode.requestFailed, 'You may look at this sandbox, but change nothing.')
    }
    if (typeof params !== 'object' || params === null) throw new RpcError(RpcCode.requestFailed, 'There are no params.')
    const session = await this.host.ready()
    if (signal.aborted) throw new RpcError(RpcCode.cancelled, 'Nobody wants to know any more.')
    this.#check(method, params as Record<string, unknown>, texts)
    const { synced } = this.host
    const { textDocument, position } = params as { textDocument?: { uri?: string }; position?: never }
    const text = textDocument?.uri === undefined ? '' : (synced.at(textDocument.uri)?.text ?? '')
    const result = await session.request(method, params, signal)
    if (known.places) this.#options.onPlaces(placesIn(result))
    return method === 'textDocument/completion' && position ? completionList(result, text, position) : result
  }

  /** Throws CONTENT_MODIFIED unless the server has the texts that the page has. */
  #check(method: string, params: Record<string, unknown>, texts: unknown): void {
    const { synced, capabilities } = this.host
    const { uri } = (params.textDocument ?? {}) as { uri?: unknown }
    const changed = 'The text has changed meanwhile. Try it again.'
    if (method.startsWith('textDocument/') && (typeof uri !== 'string' || !synced.at(uri))) {
      throw new RpcError(CONTENT_MODIFIED, 'That file is not open, or not yet.')
    }
    for (const [other, hash] of Object.entries((texts ?? {}) as Record<string, unknown>)) {
      if (synced.at(other)?.hash !== hash) throw new RpcError(CONTENT_MODIFIED, changed)
    }
    const commands = capabilities?.executeCommandProvider?.commands ?? []
    if (method === 'workspace/executeCommand' && !commands.includes(String(params.command))) {
      throw new RpcError(RpcCode.requestFailed, 'The language server knows no such command.')
    }
  }

  #send(message: LanguageMessage): void {
    const bytes = Buffer.from(JSON.stringify(message))
    if (bytes.length <= MAX_ANSWER_BYTES) this.#options.page.data(this.number, bytes)
    else if ('id' in message) {
      const error = { code: RpcCode.requestFailed, message: `The answer has ${bytes.length} bytes, which is too much.` }
      this.#send({ id: message.id, error })
    }
  }
}

function decode(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** The URIs of LSP's Location, LocationLink and WorkspaceSymbol, one or many. */
function placesIn(result: unknown): string[] {
  const all = Array.isArray(result) ? result : [result]
  return all.flatMap((one) => {
    const { uri, targetUri, location } = (one ?? {}) as {
      uri?: unknown
      targetUri?: unknown
      location?: { uri?: unknown }
    }
    return [uri, targetUri, location?.uri].filter((found): found is string => typeof found === 'string')
  })
}
