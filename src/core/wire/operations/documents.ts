import { Type } from 'typebox'
import { channel, type Done, path, strict } from './fields.ts'

/** Text above this is no document that people type in together; it is viewed and downloaded. UTF-16 units. */
export const MAX_DOCUMENT_CHARS = 2 * 1024 * 1024
/** The name of the one text in each Y.Doc. Its lines end with `\n`, whatever the file's do. */
export const DOCUMENT_TEXT = 'text'

export const documentsParams = {
  /**
   * Opens a channel on the document of a file. A page that has a copy says of which `generation` and, as base64, its
   * Yjs state vector. Both ends begin with a sync message.
   */
  'document.open': Type.Object(
    {
      path,
      generation: Type.Optional(Type.String({ maxLength: 64 })),
      vector: Type.Optional(Type.String({ maxLength: 1_000_000 })),
    },
    strict,
  ),
  'document.close': Type.Object({ channel }, strict),
  /** Answered when all that came before it on the channel is on the disk. */
  'document.save': Type.Object({ channel }, strict),
  /** Ends a conflict: the text becomes the file, whatever is there. */
  'document.overwrite': Type.Object({ channel }, strict),
}

/**
 * Why a document is not being saved by itself.
 * gone      the file was removed or renamed by something else
 * not-text  the file is not UTF-8 text any more, or far too large
 */
export type DocumentConflict = 'gone' | 'not-text'

export interface DocumentState {
  /** Edits that are not on the disk yet. */
  dirty: boolean
  conflict?: DocumentConflict
  /** Why the last save did not succeed; it is tried again. */
  problem?: string
}

export interface OpenedDocument extends DocumentState {
  channel: number
  /** Copies of one generation merge; a copy of another one must not be sent: its text would be there twice. */
  generation: string
  lineEnding: 'lf' | 'crlf'
}

export interface DocumentsResults {
  'document.open': OpenedDocument
  'document.close': Done
  'document.save': Done
  'document.overwrite': Done
}

export interface DocumentsEvents {
  /** `updates`: how many of this page's updates on the channel the state takes in. */
  'document.changed': DocumentState & { channel: number; updates: number }
  /** The next update on the channel is what this page asked a program for: its person may want to undo it. */
  'document.asked': { channel: number }
}
