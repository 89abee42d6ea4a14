import { startCompletion } from '@codemirror/autocomplete'
import * as commands from '@codemirror/commands'
import { foldAll, foldCode, unfoldAll, unfoldCode } from '@codemirror/language'
import * as search from '@codemirror/search'
import { EditorSelection } from '@codemirror/state'
import type { EditorView, Command as Run } from '@codemirror/view'
import { openFind, openReplace } from '../find/find.ts'
import type { Workspace } from '../workspace.ts'
import { parseKeys } from './keys.ts'

type Entry = [id: string, title: string, key: string, run: Run]

/** What the editor's keymap has under these keys; here it gets a name, so that it can be found and given other keys. */
const known: Entry[] = [
  ['find', 'Find', 'Ctrl+F', openFind],
  ['complete', 'Suggest completions', 'Ctrl+Space', startCompletion],
  ['selectNextOccurrence', 'Add the next occurrence to the selection', 'Ctrl+D', search.selectNextOccurrence],
  ['selectLine', 'Select the line', 'Ctrl+L', commands.selectLine],
  ['selectAll', 'Select all', 'Ctrl+A', commands.selectAll],
  ['deleteLine', 'Delete the line', 'Ctrl+Shift+K', commands.deleteLine],
  ['moveLineDown', 'Move the line down', 'Alt+ArrowDown', commands.moveLineDown],
  ['moveLineUp', 'Move the line up', 'Alt+ArrowUp', commands.moveLineUp],
  ['goToBracket', 'Go to the matching bracket', 'Ctrl+Shift+\\', commands.cursorMatchingBracket],
  ['indent', 'Indent the line', 'Ctrl+]', commands.indentMore],
  ['outdent', 'Outdent the line', 'Ctrl+[', commands.indentLess],
  ['fold', 'Fold', 'Ctrl+Shift+[', foldCode],
  ['unfold', 'Unfold', 'Ctrl+Shift+]', unfoldCode],
  ['foldAll', 'Fold all', 'Ctrl+K,Ctrl+0', foldAll],
  ['unfoldAll', 'Unfold all', 'Ctrl+K,Ctrl+J', unfoldAll],
  ['comment', 'Toggle line comment', 'Ctrl+/', commands.toggleComment],
  ['blockComment', 'Toggle block comment', 'Shift+Alt+A', commands.toggleBlockComment],
  ['addComment', 'Add line comment', 'Ctrl+K,Ctrl+C', commands.lineComment],
  ['removeComment', 'Remove line comment', 'Ctrl+K,Ctrl+U', commands.lineUncomment],
  ['undoCursor', 'Undo the last move of the cursor', 'Ctrl+U', commands.undoSelection],
]

/** What VS Code's people expect beyond that. */
const added: Entry[] = [
  ['replace', 'Replace', 'Ctrl+H', openReplace],
  ['selectAllOccurrences', 'Select all occurrences of the selection', 'Ctrl+Shift+L Ctrl+F2', selectAllOccurrences],
  ['addCursorAbove', 'Add a cursor above', 'Ctrl+Alt+ArrowUp Ctrl+Shift+ArrowUp', commands.addCursorAbove],
  ['addCursorBelow', 'Add a cursor below', 'Ctrl+Alt+ArrowDown Ctrl+Shift+ArrowDown', commands.addCursorBelow],
  ['findNext', 'Find next', 'F3', search.findNext],
  ['findPrevious', 'Find previous', 'Shift+F3', search.findPrevious],
  ['insertLineBelow', 'Insert a line below', 'Ctrl+Enter', commands.insertBlankLine],
  ['insertLineAbove', 'Insert a line above', 'Ctrl+Shift+Enter', insertLineAbove],
  ['copyLineDown', 'Copy the line down', 'Shift+Alt+ArrowDown Ctrl+Shift+Alt+ArrowDown', commands.copyLineDown],
  ['copyLineUp', 'Copy the line up', 'Shift+Alt+ArrowUp Ctrl+Shift+Alt+ArrowUp', commands.copyLineUp],
  ['tabMovesFocus', 'Let Tab leave the editor, or do not', 'Ctrl+M', commands.toggleTabFocusMode],
  ['transpose', 'Transpose letters', '', commands.transposeChars],
  ['deleteToLineEnd', 'Delete to the end of the line', '', commands.deleteToLineEnd],
  ['deleteToLineStart', 'Delete to the start of the line', '', commands.deleteToLineStart],
  ['trim', 'Remove spaces at the ends of lines', 'Ctrl+K,Ctrl+X', commands.deleteTrailingWhitespace],
  ['upperCase', 'Make the selection upper case', '', (view) => mapSelection(view, (text) => text.toUpperCase())],
  ['lowerCase', 'Make the selection lower case', '', (view) => mapSelection(view, (text) => text.toLowerCase())],
]

/** Makes the editor's commands known by name. */
export function addEditorCommands(workspace: Workspace): void {
  const run = (command: Run) => () => {
    const view = activeView(workspace)
    if (!view) return
    view.focus()
    command(view)
  }
  const when = () => workspace.tabs.activeFile !== undefined
  const add = (entries: Entry[], editor: 'itself' | 'page') =>
    workspace.commands.add(
      ...entries
        .filter(([id]) => !workspace.commands.get(`editor.${id}`))
        .map(([id, title, key, command]) => ({
          id: `editor.${id}`,
          title,
          ...(key === '' ? {} : { key }),
          editor,
          when,
          run: run(command),
        })),
    )
  add(known, 'itself')
  add(added, 'page')
  const take = () => workspace.keys.taken.set(takenKeys(workspace).join('\n'))
  take()
  workspace.keys.version.subscribe(take)
}

/** The keys of the editor's own that the person has given to something else, as CodeMirror writes them. */
function takenKeys({ keys }: Workspace): string[] {
  return known
    .filter(([id]) => keys.isChosen(`editor.${id}`))
    .flatMap(([, , key]) => parseKeys(key))
    .map((presses) => presses.map(toCodeMirror).join(' '))
}

function toCodeMirror(press: string): string {
  const parts = press.split('+')
  const name = parts.at(-1) ?? ''
  return [
    ...parts.slice(0, -1).map((part) => (part === 'Ctrl' ? 'Mod' : part)),
    name.length === 1 ? name.toLowerCase() : name,
  ].join('-')
}

function activeView({ tabs, documents, editors }: Workspace): EditorView | undefined {
  const path = tabs.activeFile
  return path === undefined ? undefined : editors.of(documents.at(path))?.view
}

function insertLineAbove(view: EditorView): boolean {
  const { state } = view
  const line = state.doc.lineAt(state.selection.main.head)
  const indent = /^\s*/.exec(line.text)?.[0] ?? ''
  view.dispatch({
    changes: { from: line.from, insert: `${indent}\n` },
    selection: { anchor: line.from + indent.length },
    scrollIntoView: true,
    userEvent: 'input',
  })
  return true
}

/** Of the word at the cursor, where nothing is selected. */
function selectAllOccurrences(view: EditorView): boolean {
  const { empty } = view.state.selection.main
  if (empty && !search.selectNextOccurrence(view)) return false
  return search.selectSelectionMatches(view)
}

function mapSelection(view: EditorView, change: (text: string) => string): boolean {
  const { state } = view
  view.dispatch(
    state.changeByRange(({ from, to }) => {
      const insert = change(state.sliceDoc(from, to))
      return { changes: { from, to, insert }, range: EditorSelection.range(from, from + insert.length) }
    }),
    { userEvent: 'input' },
  )
  return true
}
