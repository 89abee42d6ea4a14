import { splitPlace } from '../editor/place.ts'
import { nameOf, parentOf } from '../files/paths.ts'
import { type Marks, matchPath, parseQuery } from '../palette/fuzzy.ts'
import type { PaletteAnswer, PaletteItem, PaletteMode, PaletteSearch } from '../palette/palette-mode.ts'
import type { Workspace } from '../workspace.ts'
import { lineMode } from './line-mode.ts'
import { type PathWorker, ProjectPaths } from './project-paths.ts'
import { RecentFiles } from './recent-files.ts'

const MOST_SHOWN = 100
const MOST_RECENT_SHOWN = 30

/** Go to file, to a line of the file shown, and back to files shown before. */
export function addQuickOpen(workspace: Workspace): void {
  const { commands, connection, memory, palette, tabs } = workspace
  const recent = new RecentFiles(tabs, connection, memory)
  const paths = new ProjectPaths(
    connection,
    () => performance.now(),
    () => new Worker(new URL('./path-worker.ts', import.meta.url), { type: 'module' }) as unknown as PathWorker,
  )
  const files: PaletteMode = {
    id: 'files',
    prefix: '',
    title: 'Go to file',
    placeholder: 'Type the name of a file, or ? for what else can be typed',
    begin: () => new FileSearch(workspace, recent, paths),
  }
  const switcher: PaletteMode = {
    id: 'recent',
    prefix: '',
    title: 'Files shown before',
    placeholder: 'Files shown before',
    begin: () => ({
      find: (text, show) => show(answerOf(recentItems(workspace, recent, text), 'No file was shown before.')),
    }),
  }
  palette.modes.add(files, lineMode(workspace))
  commands.add({
    id: 'file.recent',
    title: 'Switch to a file shown before',
    key: 'Alt+Q Ctrl+Tab',
    run: () => palette.switch(switcher),
  })
}

/** Files shown before come first; then those the sandbox lists, as they arrive. */
class FileSearch implements PaletteSearch {
  readonly #workspace: Workspace
  readonly #recent: RecentFiles
  readonly #paths: ProjectPaths
  readonly #stop: () => void
  #again: () => void = () => undefined
  #asked = 0
  #isFinding = false

  constructor(workspace: Workspace, recent: RecentFiles, paths: ProjectPaths) {
    this.#workspace = workspace
    this.#recent = recent
    this.#paths = paths
    this.#stop = paths.state.subscribe(() => {
      // While a list grows, one answer after the other, not one for each piece.
      if (!this.#isFinding) this.#again()
    })
    void paths.refresh()
  }

  find(text: string, show: (answer: PaletteAnswer) => void): void {
    this.#again = () => void this.#find(text, show)
    this.#again()
  }

  end(): void {
    this.#stop()
    this.#asked++
  }

  async #find(text: string, show: (answer: PaletteAnswer) => void): Promise<void> {
    const mine = ++this.#asked
    const { path } = splitPlace(text)
    const recent = recentItems(this.#workspace, this.#recent, text)
    // What is known is there at once; nothing that was found for another text stays.
    if (this.#paths.state.get().isListing) show({ items: recent, busy: true })
    const { version } = this.#paths.state.get()
    this.#isFinding = true
    const { found } = await this.#paths.find(path, MOST_SHOWN)
    this.#isFinding = false
    if (mine !== this.#asked) return
    const known = new Set(recent.map(({ id }) => id))
    const others = found
      .filter((one) => !known.has(one.path))
      .map((one) => fileItem(this.#workspace, one.path, one.marks, text, recent.length > 0 ? 'files' : undefined))
    const { isListing, truncated, problem, version: now } = this.#paths.state.get()
    const hint = problem ?? (isListing ? undefined : 'No file is called so.')
    const answer = answerOf([...recent, ...others], hint)
    const more = truncated ? { hint: 'The project has too many files: not all of them are looked through.' } : {}
    show({ ...more, ...answer, busy: isListing })
    if (now !== version) this.#again()
  }
}

function answerOf(items: readonly PaletteItem[], hint: string | undefined): PaletteAnswer {
  return items.length > 0 || hint === undefined ? { items } : { items, hint }
}

function recentItems(workspace: Workspace, recent: RecentFiles, text: string): PaletteItem[] {
  const query = parseQuery(splitPlace(text).path)
  const matches = recent.before(workspace.tabs.activeFile).flatMap((path) => {
    const match = matchPath(query, path)
    return match ? [{ path, match }] : []
  })
  if (query.pieces.length > 0) matches.sort((a, b) => b.match.score - a.match.score)
  return matches
    .slice(0, MOST_RECENT_SHOWN)
    .map(({ path, match }) => fileItem(workspace, path, match.marks, text, 'shown before'))
}

function fileItem(
  workspace: Workspace,
  path: string,
  marks: Marks,
  text: string,
  group: string | undefined,
): PaletteItem {
  const name = nameOf(path)
  const { place } = splitPlace(text)
  return {
    id: path,
    label: name,
    marks: marks.map((at) => at - (path.length - name.length)),
    detail: parentOf(path),
    detailMarks: marks,
    path,
    ...(group === undefined ? {} : { group }),
    run: () => workspace.openFile(path, place),
  }
}
