import { type LanguageServer, languageOfFile, serverTitles } from '../../../core/language-servers.ts'
import { Store } from '../../shared/store.ts'
import { nameOf } from '../files/paths.ts'
import type { Workspace } from '../workspace.ts'
import { addLanguageCommands } from './commands.ts'
import { intelligenceLater } from './editor/later.ts'
import { ProblemCount, ServerStatus } from './language-status.tsx'
import { addSymbolModes } from './palette-modes.ts'
import { countProblems, listedProblems } from './problem.ts'
import { SOURCE_VIEW } from './show-place.ts'
import { parseSource } from './source-tab.ts'

/** Language intelligence: what language servers know of the files. A file that none knows costs nothing. */
export function addLanguages(workspace: Workspace): void {
  const { editors, languages, notices, panelViews, statusItems, tabs } = workspace
  editors.add((document) => (languageOfFile(document.path) ? intelligenceLater(workspace, document) : []))
  addLanguageCommands(workspace)
  addSymbolModes(workspace)

  const badge = new Store('')
  languages.problems.subscribe(() => {
    const { errors, warnings } = countProblems(listedProblems(languages.problems.get()))
    badge.set(errors + warnings === 0 ? '' : String(errors + warnings))
  })
  const failed = new Set<LanguageServer>()
  languages.statuses.subscribe(() => {
    for (const { server, state, detail } of languages.statuses.get().values()) {
      if (state !== 'failed') failed.delete(server)
      else if (!failed.has(server)) {
        failed.add(server)
        const restart = { title: 'Restart it', run: () => notices.attempt(languages.restart(server)) }
        notices.say(`${serverTitles[server]}: no suggestions and checks.`, {
          kind: 'warning',
          ...(detail === undefined ? {} : { detail }),
          actions: [restart],
        })
      }
    }
  })
  panelViews.add({
    id: 'problems',
    title: 'Problems',
    key: 'Ctrl+Shift+M',
    badge,
    load: async () => (await import('./problems-view.tsx')).ProblemsView,
  })
  statusItems.add(
    { id: 'problems', side: 'left', Component: ProblemCount },
    { id: 'language', side: 'right', Component: ServerStatus },
  )
  tabs.views.add({
    id: SOURCE_VIEW,
    icon: 'file',
    title: (arg) => nameOf(parseSource(arg).name),
    detail: (arg) => parseSource(arg).name,
    load: async () => (await import('./source-view.tsx')).SourceView,
  })
}
