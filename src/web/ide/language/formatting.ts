import { getIndentUnit, indentUnit } from '@codemirror/language'
import type { EditorView } from '@codemirror/view'
import { OmegaError } from '../../../core/errors.ts'
import { textHash } from '../../../core/text-hash.ts'
import type { Document } from '../documents/document.ts'
import type { Workspace } from '../workspace.ts'
import { rangeOf } from './place.ts'
import { applyChanges, moveChanges } from './workspace-edit.ts'

const MOST_TRIES = 4
const TRY_AGAIN_MS = 150

export interface FormatOptions {
  /** Only by a formatter that the project brought. */
  projectOnly?: boolean
  /** Only what is selected. */
  selection?: boolean
}

/**
 * Formats an open file, as its person would edit it. Resolves to who did it, or undefined when nobody could; rejects with
 * the formatter's reason, or when somebody else typed at the same place meanwhile.
 */
export async function formatFile(
  workspace: Workspace,
  document: Document,
  { projectOnly = false, selection = false }: FormatOptions = {},
): Promise<string | undefined> {
  const view = workspace.editors.of(document)?.view
  for (let attempt = 1; ; attempt++) {
    const before = document.content.get()?.text.toString()
    if (before === undefined) return undefined
    try {
      const { by, edits } = await workspace.connection.request('language.format', {
        path: document.path,
        hash: textHash(before),
        ...indentationOf(view, workspace),
        projectOnly,
        ...(selection && view ? { range: selectedLines(view) } : {}),
      })
      const now = document.content.get()?.text.toString() ?? ''
      if (edits.length > 0) applyChanges(workspace, document, moveChanges(before, now, edits))
      return by
    } catch (error) {
      // Somebody else's keystrokes are on their way to us.
      const mayPass = error instanceof OmegaError && error.code === 'CONFLICT' && /typing/.test(error.message)
      if (!mayPass || attempt === MOST_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS * attempt))
    }
  }
}

function indentationOf(view: EditorView | undefined, { settings }: Workspace) {
  if (!view) return { tabSize: settings.values.get().tabSize, insertSpaces: true }
  const insertSpaces = !view.state.facet(indentUnit).includes('\t')
  return {
    tabSize: Math.min(16, Math.max(1, insertSpaces ? getIndentUnit(view.state) : view.state.tabSize)),
    insertSpaces,
  }
}

function selectedLines({ state }: EditorView) {
  const { from, to } = state.selection.main
  return rangeOf(state.doc, state.doc.lineAt(from).from, state.doc.lineAt(to).to)
}
