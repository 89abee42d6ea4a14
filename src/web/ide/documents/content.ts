import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'

/** What pages edit together; another one takes its place when the worker has lost its history. */
export interface Content {
  generation: string
  text: Y.Text
  awareness: Awareness
  undo: Y.UndoManager
}

export const fromWorker = Symbol('worker')
/** Edits by a program of the worker that this page asked for: they can be undone like one's own. */
export const asked = Symbol('asked')

/** Edits come from the editor's plug-in or from programs that were asked for them; never the others' are undone. */
export function undoOf(text: Y.Text): Y.UndoManager {
  return new Y.UndoManager(text, { captureTimeout: 500, trackedOrigins: new Set([null, asked]) })
}

/** What was asked for is a step of its own for undoing. */
export function applyUpdate({ text, undo }: Content, update: Uint8Array, origin: symbol): void {
  if (origin === asked) undo.stopCapturing()
  Y.applyUpdate(text.doc as Y.Doc, update, origin)
  if (origin === asked) undo.stopCapturing()
}
