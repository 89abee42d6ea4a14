import type { DocumentState } from '../../../core/wire/operations/documents.ts'

/** Who has the document open. */
export interface Viewer {
  /** `origin`: what made the change: one of the viewers, this one too; the id of a page that asked a program for it. */
  update(update: Uint8Array, origin: unknown): void
  awareness(update: Uint8Array): void
  /** The state changed, or takes in more of the viewer's own updates. */
  changed(state: DocumentState): void
}
