import type { Workspace } from '../workspace.ts'
import { ProjectSearch } from './project-search.ts'
import { addQuickOpen } from './quick-open.ts'
import { addResultMarks } from './result-marks.ts'
import { SearchCommands } from './search-commands.ts'

/** Quick open, and the search through all files. */
export function addSearch(workspace: Workspace): void {
  addQuickOpen(workspace)
  const { commands, connection, fileMenu, layout, memory, searchFocus, sideViews } = workspace
  const search = new ProjectSearch(connection, memory)
  const actions = new SearchCommands(workspace, search)
  const has = () => search.state.get().files.length > 0
  const show = (change: Parameters<ProjectSearch['set']>[0]) => {
    const selection = selectedText(workspace)
    search.set({ ...change, ...(selection === undefined ? {} : { query: selection }) })
    layout.showSideView('search')
    searchFocus.update((count) => count + 1)
    if (selection !== undefined) void search.search()
  }
  // The same component each time it is asked for.
  let pane: ReturnType<typeof load> | undefined
  const load = async () => {
    const { SearchPane } = await import('./search-pane.tsx')
    return () => SearchPane({ search, actions })
  }
  addResultMarks(workspace, search)
  sideViews.add({
    id: 'search',
    title: 'Search',
    icon: 'search',
    key: 'Ctrl+Shift+F',
    load: () => (pane ??= load()),
  })
  fileMenu.add({
    id: 'findInFolder',
    group: 'open',
    title: 'Find in folder',
    when: ({ isFolder }) => isFolder,
    run: ({ paths }) => show({ include: paths.map((path) => `./${path}`).join(', '), detailed: true }),
  })
  commands.add(
    { id: 'side.search', title: 'Find in files', key: 'Ctrl+Shift+F', run: () => show({}) },
    {
      id: 'search.replace',
      title: 'Replace in files',
      key: 'Ctrl+Shift+H',
      when: () => workspace.mayChange,
      run: () => show({ replaces: true }),
    },
    { id: 'search.next', title: 'Next result of the search', key: 'F4', when: has, run: () => actions.step(1) },
    {
      id: 'search.previous',
      title: 'Previous result of the search',
      key: 'Shift+F4',
      when: has,
      run: () => actions.step(-1),
    },
    {
      id: 'search.replaceAll',
      title: 'Replace all results of the search',
      key: 'Ctrl+Alt+Enter',
      when: () => has() && workspace.mayChange && search.input.get().replaces && isInSearch(),
      run: () => actions.replace(),
    },
    { id: 'search.clear', title: 'Clear the search', when: has, run: () => search.clear() },
    { id: 'search.collapse', title: 'Collapse or expand all results', when: has, run: () => search.toggleAll() },
  )
}

function isInSearch(): boolean {
  return document.activeElement?.closest('.side') !== null
}

/** A selection within a line, which is what somebody who has selected it looks for. */
function selectedText({ documents, editors, tabs }: Workspace): string | undefined {
  const path = tabs.activeFile
  const view = path === undefined ? undefined : editors.of(documents.at(path))?.view
  if (!view?.hasFocus) return undefined
  const { from, to } = view.state.selection.main
  const text = view.state.sliceDoc(from, Math.min(to, from + 1_000))
  return text === '' || text.includes('\n') ? undefined : text
}
