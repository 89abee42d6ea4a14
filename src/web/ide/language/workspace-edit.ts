import type { ChangeSpec } from '@codemirror/state'
import { Text } from '@codemirror/state'
import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol'
import { OmegaError } from '../../../core/errors.ts'
import { textHash } from '../../../core/text-hash.ts'
import type { Document } from '../documents/document.ts'
import { textChange } from '../documents/text-change.ts'
import type { Workspace } from '../workspace.ts'
import type { Languages } from './languages.ts'
import { offsetOf } from './place.ts'

/** The open files as they are now, for a request whose answer is edits of them. */
export interface Snapshot {
  /** As a request's `texts`. */
  hashes: Record<string, number>
  texts: ReadonlyMap<string, string>
}

/** Of all open files that the servers know. */
export function takeSnapshot({ documents }: Workspace, languages: Languages): Snapshot {
  const hashes: Record<string, number> = {}
  const texts = new Map<string, string>()
  for (const document of documents.all()) {
    const text = document.content.get()?.text.toString()
    const uri = languages.uriOf(document.path)
    if (text === undefined || uri === undefined || !languages.linkFor(document.path)) continue
    texts.set(document.path, text)
    hashes[uri] = textHash(text)
  }
  return { hashes, texts }
}

/** Only of some files: of those a server answers for. */
export function hashesFor(snapshot: Snapshot, languages: Languages, server: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(snapshot.hashes).filter(([uri]) => {
      const path = languages.pathOf(uri)
      return path !== undefined && languages.linkFor(path)?.server === server
    }),
  )
}

/**
 * Applies what a server answered. Files open in this page are edited here, where they can be undone; the worker edits the
 * others. All of it or nothing: rejects when something was typed at one of the places meanwhile.
 *
 * @returns how many files were changed
 */
export async function applyWorkspaceEdit(
  edit: WorkspaceEdit,
  snapshot: Snapshot,
  workspace: Workspace,
  languages: Languages,
): Promise<number> {
  const files = editsByPath(edit, languages)
  const open: { document: Document; changes: Change[] }[] = []
  const closed: { path: string; edits: TextEdit[] }[] = []
  for (const [path, edits] of files) {
    const document = workspace.documents.all().find((one) => one.path === path && one.content.get() !== undefined)
    const before = snapshot.texts.get(path)
    if (!document || before === undefined) closed.push({ path, edits })
    else open.push({ document, changes: changesFor(document, before, edits) })
  }
  if (closed.length > 0) {
    const plain = closed.map(({ path, edits }) => ({
      path,
      edits: edits.map(({ range, newText }) => ({ range, newText })),
    }))
    await workspace.connection.request('language.edit', { files: plain })
  }
  for (const { document, changes } of open) applyChanges(workspace, document, changes)
  // What runs the project must not see half of it.
  if (files.size > 1) for (const { document } of open) void document.save()
  return files.size
}

export interface Change {
  from: number
  to: number
  insert: string
}

/** Edits an open file as its person would, so that it can be undone. The changes are apart from each other. */
export function applyChanges({ editors }: Workspace, document: Document, changes: readonly Change[]): void {
  const view = editors.of(document)?.view
  const content = document.content.get()
  // Undone by itself, not together with what was typed before.
  content?.undo.stopCapturing()
  if (view) view.dispatch({ changes: changes as ChangeSpec[], userEvent: 'input.language' })
  else {
    const text = content?.text
    text?.doc?.transact(() => {
      for (const { from, to, insert } of changes.toSorted((a, b) => b.from - a.from)) {
        text.delete(from, to - from)
        text.insert(from, insert)
      }
    })
  }
}

function editsByPath({ changes, documentChanges }: WorkspaceEdit, languages: Languages): Map<string, TextEdit[]> {
  const files = new Map<string, TextEdit[]>()
  const add = (uri: string, edits: readonly TextEdit[]) => {
    const path = languages.pathOf(uri)
    if (path === undefined) {
      throw new OmegaError('FORBIDDEN', 'This would change a file outside of the project, which is not done.')
    }
    if (edits.length > 0) files.set(path, [...(files.get(path) ?? []), ...edits])
  }
  for (const change of documentChanges ?? []) {
    if ('kind' in change)
      throw new OmegaError('INVALID_REQUEST', 'This would make or move files, which is not done here.')
    add(change.textDocument.uri, change.edits as TextEdit[])
  }
  if (!documentChanges) for (const [uri, edits] of Object.entries(changes ?? {})) add(uri, edits)
  return files
}

/** The edits of the text as it was, as changes of the text as it is. Throws CONFLICT when they meet. */
function changesFor(document: Document, before: string, edits: readonly TextEdit[]): Change[] {
  const doc = Text.of(before.split('\n'))
  const now = document.content.get()?.text.toString() ?? ''
  const changes = edits.map(({ range, newText }) => ({
    from: offsetOf(doc, range.start),
    to: offsetOf(doc, range.end),
    insert: newText.replace(/\r\n?/g, '\n'),
  }))
  return moveChanges(before, now, changes)
}

/** Changes of one text as those of a later one. Throws CONFLICT when something else was changed at one of the places. */
export function moveChanges(before: string, now: string, changes: readonly Change[]): Change[] {
  if (before === now) return [...changes]
  const { from: start, to: end } = textChange(before, now)
  const grown = now.length - before.length
  return changes.map(({ from, to, insert }) => {
    if (to <= start) return { from, to, insert }
    if (from >= end) return { from: from + grown, to: to + grown, insert }
    throw new OmegaError('CONFLICT', 'The text was changed at the same place meanwhile. Try it again.')
  })
}
