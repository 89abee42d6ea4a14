import { indentLess, indentMore, simplifySelection } from '@codemirror/commands'
import { getIndentUnit, indentUnit } from '@codemirror/language'
import { gotoLine, openSearchPanel } from '@codemirror/search'
import { countColumn, EditorSelection, type StateCommand } from '@codemirror/state'
import type { KeyBinding } from '@codemirror/view'
import { vscodeKeymap } from '@replit/codemirror-vscode-keymap'
import { openFind } from '../find/find.ts'

/** Tab: lines that are selected go in; else the cursor goes to the next step of the indentation, as in VS Code. */
export const tabKey: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const { ranges } = state.selection
  const isWithin = ranges.every(({ from, to }) => state.doc.lineAt(from).number === state.doc.lineAt(to).number)
  if (!isWithin || ranges.some(({ from, to }) => !isShort(from, to))) return indentMore({ state, dispatch })
  const unit = state.facet(indentUnit)
  const size = getIndentUnit(state)
  const changed = state.changeByRange(({ from, to }) => {
    const line = state.doc.lineAt(from)
    const column = countColumn(line.text.slice(0, from - line.from), state.tabSize)
    const insert = unit.startsWith('\t') ? '\t' : ' '.repeat(size - (column % size))
    return { changes: { from, to, insert }, range: EditorSelection.cursor(from + insert.length) }
  })
  dispatch(state.update(changed, { scrollIntoView: true, userEvent: 'input.indent' }))
  return true

  /** Whether it is less than a whole line. */
  function isShort(from: number, to: number): boolean {
    const line = state.doc.lineAt(from)
    return from === to || from > line.from || to < line.to
  }
}

const replaced: KeyBinding['run'][] = [indentMore, gotoLine, openSearchPanel]

/** VS Code's keys, but for those that mean something better here. */
export const editorKeymap: readonly KeyBinding[] = [
  ...vscodeKeymap.filter(({ run }) => !replaced.includes(run)),
  { key: 'Mod-f', run: openFind },
  { key: 'Mod-]', run: indentMore },
  { key: 'Tab', run: tabKey, shift: indentLess },
  { key: 'Escape', run: simplifySelection },
]
