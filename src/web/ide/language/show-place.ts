import type { EditorView } from '@codemirror/view'
import type { Range } from 'vscode-languageserver-protocol'
import { viewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'
import type { Languages } from './languages.ts'
import type { Place } from './place.ts'

export const SOURCE_VIEW = 'language-source'

/** Shows a place: in its editor when it is in the project, else in a tab to look at. */
export function showPlace(workspace: Workspace, languages: Languages, { uri, range }: Place): void {
  const path = languages.pathOf(uri)
  if (path !== undefined) showInFile(workspace, path, range)
  else workspace.tabs.open(viewTab(SOURCE_VIEW, `${range.start.line}:${range.start.character}:${uri}`))
}

/** Opens a file with the cursor at the beginning of a range. */
export function showInFile(workspace: Workspace, path: string, { start }: Range): void {
  workspace.openFile(path, { line: start.line + 1, column: start.character + 1 })
}

const WAIT_MS = 15_000

/** The view of a file that is being opened, once it is drawn; undefined when the person turns to something else. */
export async function viewOf({ documents, editors, tabs }: Workspace, path: string): Promise<EditorView | undefined> {
  const document = documents.at(path)
  const deadline = performance.now() + WAIT_MS
  while (tabs.activeFile === path && performance.now() < deadline) {
    const view = editors.of(document)?.view
    if (view) return view
    await new Promise(requestAnimationFrame)
  }
  return undefined
}
