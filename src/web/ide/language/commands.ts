import type { EditorView } from '@codemirror/view'
import { languageOfFile } from '../../../core/language-servers.ts'
import type { Document } from '../documents/document.ts'
import type { Workspace } from '../workspace.ts'

/** For a formatter, before a file is saved as it is. */
const SAVE_WAITS_MS = 6_000

/** What a person can do with the help of language servers. The code of each comes when it is first done. */
export function addLanguageCommands(workspace: Workspace): void {
  const { commands, documents, editors, languages, notices, tabs } = workspace

  const active = (): { document: Document; view: EditorView } | undefined => {
    const path = tabs.activeFile
    const document = path === undefined ? undefined : documents.at(path)
    const view = document && editors.of(document)?.view
    return document && view && { document, view }
  }
  const isKnown = () => tabs.activeFile !== undefined && languageOfFile(tabs.activeFile) !== undefined
  const isOpen = () => tabs.activeFile !== undefined
  const withView = (work: (view: EditorView, document: Document) => Promise<unknown>) => () => {
    const now = active()
    if (now) notices.attempt(work(now.view, now.document))
  }
  const cursorOf = (view: EditorView) => view.state.selection.main.head

  commands.add(
    {
      id: 'language.definition',
      title: 'Go to definition',
      key: 'F12',
      editor: 'page',
      when: isKnown,
      run: withView(async (view) => (await import('./editor/definition.ts')).goToDefinition(view, cursorOf(view))),
    },
    {
      id: 'language.typeDefinition',
      title: 'Go to the definition of the type',
      when: isKnown,
      run: withView(async (view) =>
        (await import('./editor/definition.ts')).goToDefinition(view, cursorOf(view), 'typeDefinition'),
      ),
    },
    {
      id: 'language.implementation',
      title: 'Go to implementations',
      key: 'Ctrl+F12',
      editor: 'page',
      when: isKnown,
      run: withView(async (view) =>
        (await import('./editor/definition.ts')).goToDefinition(view, cursorOf(view), 'implementation'),
      ),
    },
    {
      id: 'language.references',
      title: 'Find all references',
      key: 'Shift+F12',
      editor: 'page',
      when: isKnown,
      run: withView(async (view) => (await import('./editor/definition.ts')).findReferences(view, cursorOf(view))),
    },
    {
      id: 'language.rename',
      title: 'Rename the symbol',
      key: 'F2',
      editor: 'page',
      when: isKnown,
      run: withView(async (view) => (await import('./editor/rename.ts')).beginRename(view)),
    },
    {
      id: 'language.quickFix',
      title: 'Quick fix',
      key: 'Ctrl+.',
      editor: 'page',
      when: isKnown,
      run: withView(async (view) => (await import('./editor/quick-fix.ts')).openQuickFixes(view)),
    },
    {
      id: 'language.organizeImports',
      title: 'Organise imports',
      key: 'Shift+Alt+O',
      editor: 'page',
      when: isKnown,
      run: withView(async (view) => {
        const { runSourceAction } = await import('./editor/quick-fix.ts')
        if (!(await runSourceAction(view, 'source.organizeImports'))) notices.say('The imports are in order.')
      }),
    },
    {
      id: 'language.fixAll',
      title: 'Fix all that can be fixed by itself',
      when: isKnown,
      run: withView(async (view) => {
        const { runSourceAction } = await import('./editor/quick-fix.ts')
        if (!(await runSourceAction(view, 'source.fixAll')))
          notices.say('There is nothing that can be fixed by itself.')
      }),
    },
    {
      id: 'language.format',
      title: 'Format the file',
      key: 'Shift+Alt+F',
      editor: 'page',
      when: isOpen,
      run: withView(async (_view, document) => {
        const { formatFile } = await import('./formatting.ts')
        const by = await formatFile(workspace, document)
        if (by === undefined)
          notices.say('Nothing here knows how to format this file. Install Prettier in the project, for example.')
      }),
    },
    {
      id: 'language.formatSelection',
      title: 'Format the selection',
      when: isKnown,
      run: withView(async (_view, document) => {
        const { formatFile } = await import('./formatting.ts')
        const by = await formatFile(workspace, document, { selection: true })
        if (by === undefined) notices.say('The language server cannot format a part of this file. Format all of it.')
      }),
    },
    {
      id: 'language.nextProblem',
      title: 'Go to the next problem',
      key: 'F8',
      run: () => void walk(1),
    },
    {
      id: 'language.previousProblem',
      title: 'Go to the problem before',
      key: 'Shift+F8',
      run: () => void walk(-1),
    },
    {
      id: 'language.restart',
      title: 'Restart the language server',
      when: isKnown,
      run: () => {
        const server = tabs.activeFile === undefined ? undefined : languageOfFile(tabs.activeFile)?.server
        if (server) notices.attempt(languages.restart(server))
      },
    },
  )

  async function walk(step: 1 | -1): Promise<void> {
    const { walkProblems } = await import('./editor/problem-walk.ts')
    notices.attempt(walkProblems(workspace, languages, step))
  }

  workspace.beforeSave.add({
    id: 'format',
    run: async (path) => {
      const { formatOnSave } = workspace.settings.values.get()
      if (formatOnSave === 'never') return
      const { formatFile } = await import('./formatting.ts')
      const format = formatFile(workspace, documents.at(path), { projectOnly: formatOnSave === 'project' })
      const late = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error('The formatter took too long.')), SAVE_WAITS_MS)
      })
      // A file that cannot be formatted is saved all the same.
      await Promise.race([format, late]).catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error)
        notices.say('Saved, but not formatted.', { kind: 'warning', detail })
      })
    },
  })
}
