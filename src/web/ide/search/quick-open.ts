import { parsePlace, splitPlace } from '../editor/place.ts'
import { walkFiles } from '../files/file-index.ts'
import { nameOf, parentOf } from '../files/paths.ts'
import { matchPath, parseQuery } from '../palette/fuzzy.ts'
import type { PaletteItem, PaletteMode } from '../palette/palette-mode.ts'
import type { Workspace } from '../workspace.ts'

const MOST_SHOWN = 100

/** Go to file, and to a line of the file shown. */
export function addQuickOpen(workspace: Workspace): void {
  workspace.palette.modes.add(filesMode(workspace), lineMode(workspace))
}

function filesMode(workspace: Workspace): PaletteMode {
  const { connection } = workspace
  return {
    id: 'files',
    prefix: '',
    title: 'Go to file',
    placeholder: 'Type the name of a file (? for what else can be typed)',
    begin() {
      let stopped = false
      let found: readonly string[] = []
      let again = () => {}
      const list = async (path: string) => (await connection.request('files.list', { path })).entries
      const take = (paths: readonly string[]) => {
        found = paths
        again()
      }
      void walkFiles(list, take, () => stopped)
      return {
        find(text, show) {
          const { path, place } = splitPlace(text)
          const query = parseQuery(path)
          again = () => {
            const items = found
              .flatMap((file) => {
                const match = matchPath(query, file)
                return match ? [{ file, match }] : []
              })
              .sort((a, b) => b.match.score - a.match.score)
              .slice(0, MOST_SHOWN)
              .map(({ file, match }): PaletteItem => {
                const detail = parentOf(file)
                const name = nameOf(file)
                const marks = match.marks.map((at) => at - (file.length - name.length))
                return {
                  id: file,
                  label: name,
                  marks,
                  detail,
                  path: file,
                  run: () => workspace.openFile(file, place),
                }
              })
            show({ items })
          }
          again()
        },
        end() {
          stopped = true
        },
      }
    },
  }
}

function lineMode(workspace: Workspace): PaletteMode {
  return {
    id: 'line',
    prefix: ':',
    title: 'Go to a line of the file shown',
    placeholder: 'Type the number of a line, and of a column if you like: 12:3',
    begin: () => ({
      find(text, show) {
        const path = workspace.tabs.activeFile
        if (path === undefined) return show({ items: [], hint: 'Open a file first.' })
        const place = parsePlace(text)
        if (!place) return show({ items: [], hint: 'Type the number of a line, and of a column if you like: 12:3' })
        const label = `Line ${place.line}${place.column === undefined ? '' : `, column ${place.column}`}`
        const preview = () => workspace.editors.goTo(workspace.documents.at(path), place)
        show({ items: [{ id: text, label, run: () => workspace.openFile(path, place), preview }] })
      },
    }),
  }
}
