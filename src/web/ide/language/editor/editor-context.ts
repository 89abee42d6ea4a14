import { type EditorState, Facet } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { Document } from '../../documents/document.ts'
import type { Workspace } from '../../workspace.ts'
import type { Languages } from '../languages.ts'
import { LanguageError, type RequestOptions, type ServerLink } from '../server-link.ts'

/** What the parts of one editor have in common. */
export interface EditorContext {
  workspace: Workspace
  languages: Languages
  link: ServerLink
  document: Document
}

export const editorContext = Facet.define<EditorContext, EditorContext | undefined>({ combine: ([first]) => first })

export function contextOf(state: EditorState): EditorContext | undefined {
  return state.facet(editorContext)
}

/** Asks the server about the editor's file: `more` are the parameters beside its name. */
export async function ask<T>(
  view: EditorView,
  method: string,
  more: object = {},
  options: RequestOptions = {},
): Promise<T> {
  const context = contextOf(view.state)
  if (!context) throw new LanguageError(0, 'No language server knows this file.')
  const { link, languages, document } = context
  await link.open()
  return link.request<T>(method, { textDocument: { uri: languages.uriOf(document.path) }, ...more }, options)
}

/** As `ask`, for what nobody asked for in words: a failure is no answer. */
export async function askQuietly<T>(
  view: EditorView,
  method: string,
  more: object = {},
  options: RequestOptions = {},
): Promise<T | null> {
  return ask<T>(view, method, more, options).catch(() => null)
}
