import type { EditorView } from '@codemirror/view'
import type { IconName } from '../../shared/icons.tsx'
import { matchWords, parseQuery } from '../palette/fuzzy.ts'
import type { PaletteAnswer, PaletteItem, PaletteMode } from '../palette/palette-mode.ts'
import type { Workspace } from '../workspace.ts'
import type { ListedSymbol } from './symbols.ts'

const AFTER_MS = 120

/** The palette's lists of symbols: `@` for those of the shown file, `#` for those of the project. */
export function addSymbolModes(workspace: Workspace): void {
  const { commands, palette } = workspace
  palette.modes.add(fileSymbols(workspace), projectSymbols(workspace))
  commands.add(
    {
      id: 'language.fileSymbols',
      title: 'Go to a symbol of the file',
      key: 'Ctrl+Shift+O',
      run: () => palette.open('@'),
    },
    {
      id: 'language.projectSymbols',
      title: 'Go to a symbol of the project',
      key: 'Ctrl+T',
      run: () => palette.open('#'),
    },
  )
}

function fileSymbols(workspace: Workspace): PaletteMode {
  const { documents, editors, languages, tabs } = workspace
  const shown = (): { view: EditorView; uri: string } | undefined => {
    const path = tabs.activeFile
    const view = path === undefined ? undefined : editors.of(documents.at(path))?.view
    const uri = path === undefined ? undefined : languages.uriOf(path)
    return view && uri !== undefined ? { view, uri } : undefined
  }
  return {
    id: 'fileSymbols',
    prefix: '@',
    title: 'Symbols of the file',
    placeholder: 'Type the name of a symbol in this file',
    begin() {
      const now = shown()
      const before = now?.view.state.selection.main.head
      const scroll = now?.view.scrollSnapshot()
      const loading = now ? load(now.view, now.uri) : Promise.resolve([])
      let asked = 0
      return {
        find(text, show) {
          const mine = ++asked
          const query = parseQuery(text)
          loading.then(
            (symbols) => {
              if (mine !== asked) return
              const found = symbols.flatMap((symbol, index) => {
                const match = matchWords(query, symbol.name)
                return match ? [{ item: { ...itemOf(workspace, symbol, index), marks: match.marks }, match }] : []
              })
              if (query.pieces.length > 0) found.sort((a, b) => b.match.score - a.match.score)
              const items = found.map(({ item }) => item)
              show(answer(items, 'There is no symbol of that name in this file, as far as a language server knows.'))
            },
            () => show(answer([], 'The language server does not answer.')),
          )
        },
        end(taken) {
          if (!taken && now && before !== undefined && scroll) {
            now.view.dispatch({ selection: { anchor: Math.min(before, now.view.state.doc.length) }, effects: scroll })
          }
        },
      }
    },
  }
}

function projectSymbols(workspace: Workspace): PaletteMode {
  return {
    id: 'projectSymbols',
    prefix: '#',
    title: 'Symbols of the project',
    placeholder: 'Type the name of a symbol in the project',
    begin() {
      let controller = new AbortController()
      let timer: ReturnType<typeof setTimeout> | undefined
      const search = async (text: string, show: (found: PaletteAnswer) => void) => {
        const { signal } = controller
        const { findSymbols } = await import('./symbols.ts')
        const symbols = await findSymbols(workspace.languages, text, signal)
        if (signal.aborted) return
        const query = parseQuery(text)
        const items = symbols.map((symbol, index) => {
          const match = matchWords(query, symbol.name)
          return { ...itemOf(workspace, symbol, index), ...(match ? { marks: match.marks } : {}) }
        })
        const hint =
          workspace.languages.links().length === 0
            ? 'No language server runs. Open a file of the project first.'
            : 'There is no symbol of that name.'
        show(answer(items, hint))
      }
      return {
        find(text, show) {
          controller.abort()
          controller = new AbortController()
          clearTimeout(timer)
          show({ items: [], busy: true })
          const failed = () => show(answer([], 'The language server does not answer.'))
          timer = setTimeout(() => void search(text.trim(), show).catch(failed), AFTER_MS)
        },
        end() {
          clearTimeout(timer)
          controller.abort()
        },
      }
    },
  }
}

async function load(view: EditorView, uri: string): Promise<ListedSymbol[]> {
  const { flattenSymbols, symbolsOf } = await import('./symbols.ts')
  return flattenSymbols(await symbolsOf(view), uri)
}

function itemOf(workspace: Workspace, symbol: ListedSymbol, index: number): PaletteItem {
  const { languages } = workspace
  const { name, container, kind, place } = symbol
  const path = languages.pathOf(place.uri)
  const isElsewhere = path !== workspace.tabs.activeFile
  const where = [container, isElsewhere ? path : undefined].filter((part) => part !== undefined && part !== '')
  const go = async () => (await import('./show-place.ts')).showPlace(workspace, languages, place)
  return {
    id: `${index}`,
    label: name,
    detail: where.join(', '),
    icon: iconOf(kind),
    note: kindNames[kind] ?? '',
    run: () => workspace.attempt(go()),
    ...(isElsewhere ? {} : { preview: () => previewLine(workspace, symbol) }),
  }
}

/** Scrolls to the symbol, without the focus. */
function previewLine({ documents, editors, tabs }: Workspace, { place: { range } }: ListedSymbol): void {
  const path = tabs.activeFile
  const view = path === undefined ? undefined : editors.of(documents.at(path))?.view
  if (!view) return
  const line = view.state.doc.line(Math.min(view.state.doc.lines, range.start.line + 1))
  const anchor = Math.min(line.to, line.from + range.start.character)
  view.dispatch({ selection: { anchor }, scrollIntoView: true })
}

function answer(items: readonly PaletteItem[], none: string): PaletteAnswer {
  return { items, ...(items.length === 0 ? { hint: none } : {}) }
}

function iconOf(kind: number): IconName {
  return kind === 1 || kind === 2 ? 'file' : 'code'
}

/** LSP's SymbolKind. */
const kindNames: Record<number, string> = {
  2: 'module',
  3: 'namespace',
  5: 'class',
  6: 'method',
  7: 'property',
  8: 'field',
  9: 'constructor',
  10: 'enum',
  11: 'interface',
  12: 'function',
  13: 'variable',
  14: 'constant',
  22: 'enum member',
  23: 'struct',
  26: 'type',
}
