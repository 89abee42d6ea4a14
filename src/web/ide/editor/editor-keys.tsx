import * as commands from '@codemirror/commands'
import { EditorView, type Command as Run } from '@codemirror/view'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'

const moves: [label: string, name: string, run: Run][] = [
  ['⇥', 'Indent', commands.indentMore],
  ['⇤', 'Outdent', commands.indentLess],
  ['←', 'Left', commands.cursorCharLeft],
  ['↑', 'Up', commands.cursorLineUp],
  ['↓', 'Down', commands.cursorLineDown],
  ['→', 'Right', commands.cursorCharRight],
]
const letters = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '<',
  '>',
  '=',
  '"',
  "'",
  '`',
  ';',
  ':',
  '/',
  '\\',
  '|',
  '&',
  '!',
  '$',
  '#',
  '_',
]

/** Above a phone's keyboard: what it lacks, or hides behind three taps. */
export function EditorKeys() {
  const { documents, editors, tabs } = useWorkspace()
  const { active } = useStore(tabs.state)
  const path = tabs.activeFile
  if (active === undefined || path === undefined) return null
  const editor = () => editors.of(documents.at(path))
  const onView = (run: Run) => () => {
    const view = editor()?.view
    if (view) run(view)
  }
  const key = (label: string, name: string, press: () => void) => (
    <button
      key={name}
      type="button"
      aria-label={name}
      // The keyboard stays where it is: the focus does not leave the editor.
      onPointerDown={(event) => event.preventDefault()}
      onClick={press}
    >
      {label}
    </button>
  )
  return (
    <div className="keybar" role="toolbar" aria-label="Editor keys">
      {key('↶', 'Undo', () => editor()?.content.undo.undo())}
      {key('↷', 'Redo', () => editor()?.content.undo.redo())}
      {moves.map(([label, name, run]) => key(label, name, onView(run)))}
      {letters.map((letter) =>
        key(
          letter,
          letter,
          onView((view) => type(view, letter)),
        ),
      )}
      <button type="button" aria-label="Hide the keyboard" onClick={() => editor()?.view?.contentDOM.blur()}>
        <Icon name="restore" />
      </button>
    </div>
  )
}

/** As if it had been typed: brackets close, and so on. */
function type(view: EditorView, text: string): boolean {
  const { from, to } = view.state.selection.main
  const insert = () =>
    view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true })
  if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert))) {
    view.dispatch(insert())
  }
  return true
}
