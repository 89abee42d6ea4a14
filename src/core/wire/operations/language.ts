import { Type } from 'typebox'
import type { LanguageServer } from '../../language-servers.ts'
import { channel, type Done, path, strict } from './fields.ts'

/** A page's message on the channel above this is refused. Bytes. */
export const MAX_LANGUAGE_MESSAGE_BYTES = 1024 * 1024

const server = Type.Union([Type.Literal('typescript'), Type.Literal('python'), Type.Literal('markup')])
const place = Type.Object({ line: Type.Integer({ minimum: 0 }), character: Type.Integer({ minimum: 0 }) }, strict)
const range = Type.Object({ start: place, end: place }, strict)
/** `textHash` of the text it is about, as the page has it. */
const hash = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const languageParams = {
  /** A channel to the sandbox's one server of that kind, which is started when it does not run. */
  'language.open': Type.Object({ server }, strict),
  'language.close': Type.Object({ channel }, strict),
  /** Ends the server, however it is, and starts it anew. */
  'language.restart': Type.Object({ server }, strict),
  /** The text of a file outside of the project that a server has pointed at: a library's declarations. */
  'language.source': Type.Object({ uri: Type.String({ maxLength: 8192 }) }, strict),
  /** Edits files that the page has not open. Places are those of LSP: lines, and UTF-16 units in them. */
  'language.edit': Type.Object(
    {
      files: Type.Array(
        Type.Object(
          { path, edits: Type.Array(Type.Object({ range, newText: Type.String() }, strict), { maxItems: 10_000 }) },
          strict,
        ),
        { maxItems: 1_000 },
      ),
    },
    strict,
  ),
  /** How an open file would be formatted: by the project's own formatter, else by the server unless `projectOnly`. */
  'language.format': Type.Object(
    {
      path,
      hash,
      tabSize: Type.Integer({ minimum: 1, maximum: 16 }),
      insertSpaces: Type.Boolean(),
      projectOnly: Type.Boolean(),
      range: Type.Optional(range),
    },
    strict,
  ),
}

/**
 * stopped   nobody needs it
 * starting  it is being started; `detail` says why again, if it is
 * ready     it answers; `detail` says what it is busy with, if it does
 * failed    it ended too often, or is not installed: `detail`. It is started again by `language.restart`
 */
export type LanguageServerState = 'stopped' | 'starting' | 'ready' | 'failed'

export interface LanguageStatus {
  server: LanguageServer
  state: LanguageServerState
  detail?: string
}

export interface LanguageResults {
  'language.open': LanguageStatus & {
    channel: number
    /** URI of the project's folder, without a slash at its end. */
    root: string
  }
  'language.close': Done
  'language.restart': Done
  'language.source': { text: string }
  /** How many files were changed. */
  'language.edit': { files: number }
  /** `by` names the formatter; undefined when there is none. Offsets are UTF-16 units of the text with that hash. */
  'language.format': { by?: string; edits: { from: number; to: number; insert: string }[] }
}

export interface LanguageEvents {
  'language.changed': LanguageStatus
}

/** A message of the page on the channel, as UTF-8 JSON. Methods and parameters are those of LSP 3.18. */
export type LanguageRequest =
  | {
      id: number
      method: string
      params: unknown
      /** URI -> `textHash` of open files the answer depends on: with another text it is CONTENT_MODIFIED. */
      texts?: Record<string, number>
    }
  /** The page does not want the answer any more. */
  | { cancel: number }

/** LSP's error code for an answer that would be about another text. Ask again. */
export const CONTENT_MODIFIED = -32801

/** A message of the worker on the channel. */
export type LanguageMessage =
  | { id: number; result: unknown }
  | { id: number; error: { code: number; message: string } }
  /** The server is ready: LSP's ServerCapabilities. Comes with each start, and first of all if it is ready. */
  | { capabilities: unknown }
  /** All there is to say of one file; `hash` of the text it is about, if that is known. */
  | { uri: string; diagnostics: unknown[]; hash?: number }
