import { parsePlace } from '../editor/place.ts'
import type { PaletteMode } from '../palette/palette-mode.ts'
import type { Workspace } from '../workspace.ts'

/** `:12:3` goes to a line of the file shown; it is seen while it is typed, and Escape goes back. */
export function lineMode(workspace: Workspace): PaletteMode {
  const { documents, editors, tabs } = workspace
  return {
    id: 'line',
    prefix: ':',
    title: 'Go to a line of the file shown',
    placeholder: 'Type the number of a line, and of a column if you like: 12:3',
    begin() {
      const path = tabs.activeFile
      const view = path === undefined ? undefined : editors.of(documents.at(path))?.view
      const before = view && { selection: view.state.selection, effects: view.scrollSnapshot() }
      return {
        find(text, show) {
          if (path === undefined || !view) return show({ items: [], hint: 'Show a file first.' })
          const place = parsePlace(text)
          const { lines } = view.state.doc
          if (!place) return show({ items: [], hint: `Type a line from 1 to ${lines}, and a column if you like: 12:3` })
          const label = `Line ${place.line}${place.column === undefined ? '' : `, column ${place.column}`}`
          const preview = () => editors.goTo(documents.at(path), place)
          const note = place.line > lines ? `The last line is ${lines}.` : undefined
          const item = { id: text, label, run: () => workspace.openFile(path, place), preview }
          show({ items: [note === undefined ? item : { ...item, note }] })
        },
        end(taken) {
          if (!taken && before && view.dom.isConnected) view.dispatch(before)
        },
      }
    },
  }
}
