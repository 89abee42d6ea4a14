import type { Workspace } from '../workspace.ts'
import { EditorStatus } from './editor-status.tsx'
import { type Indentation, reindented, titleOf } from './indentation.ts'
import { languages } from './language-table.ts'
import { languageOf } from './languages.ts'

const indentations: readonly Indentation[] = [
  ...[2, 3, 4, 8].map((size): Indentation => ({ kind: 'spaces', size })),
  { kind: 'tabs' },
]

/** How the shown file is indented and coloured: said in the status bar, chosen from the palette. */
export function addEditorChoices(workspace: Workspace): void {
  const { commands, documents, editors, palette, statusItems, tabs } = workspace
  const shown = () => {
    const document = tabs.activeFile === undefined ? undefined : documents.at(tabs.activeFile)
    const editor = document && editors.of(document)
    return document && editor ? { document, editor } : undefined
  }
  const when = () => tabs.activeFile !== undefined

  const convert = (to: Indentation) => {
    const editor = shown()?.editor
    const view = editor?.view
    if (!editor || !view || view.state.readOnly) return
    view.dispatch({ changes: reindented(view.state.doc, to, view.state.tabSize), userEvent: 'input.indent' })
    editor.indentWith(to)
  }
  const chooseIndentation = async () => {
    const editor = shown()?.editor
    if (!editor) return
    const now = titleOf(editor.indentation.get())
    const choices = indentations.map((indentation) => {
      const title = titleOf(indentation)
      return { id: title, label: title, indentation, ...(title === now ? { note: 'now' } : {}) }
    })
    const choice = await palette.pick('What lines are indented with from now on', choices)
    if (choice) editor.indentWith(choice.indentation)
    editor.view?.focus()
  }
  const chooseLanguage = async () => {
    const file = shown()
    if (!file) return
    const { document, editor } = file
    const byName = languageOf(document.path)?.title ?? 'plain text'
    const now = editor.language.get()
    const choices = [
      { id: 'name', label: 'As its name says', detail: byName, language: undefined },
      { id: 'none', label: 'Plain text', language: null, ...(now ? {} : { note: 'now' }) },
      ...languages.map((language) => ({
        id: language.title,
        label: language.title,
        detail: language.extensions.map((one) => `.${one}`).join(' '),
        language,
        ...(language === now ? { note: 'now' } : {}),
      })),
    ]
    const choice = await palette.pick(`What ${document.path} is shown as`, choices)
    if (choice) editors.chooseLanguage(document, choice.language)
    editor.view?.focus()
  }

  statusItems.add({ id: 'editor', side: 'right', Component: EditorStatus })
  commands.add(
    {
      id: 'editor.indentation',
      title: 'Change the indentation',
      when,
      run: () => void chooseIndentation(),
    },
    {
      id: 'editor.indentSpaces',
      title: 'Convert the indentation to spaces',
      when,
      run: () => {
        const indentation = shown()?.editor.indentation.get()
        convert(indentation?.kind === 'spaces' ? indentation : { kind: 'spaces', size: tabSizeOf(workspace) })
      },
    },
    {
      id: 'editor.indentTabs',
      title: 'Convert the indentation to tabs',
      when,
      run: () => convert({ kind: 'tabs' }),
    },
    {
      id: 'editor.language',
      title: 'Change the language of the file',
      key: 'Ctrl+K,M',
      when,
      run: () => void chooseLanguage(),
    },
    { id: 'editor.goToLine', title: 'Go to line', key: 'Ctrl+G', when, run: () => palette.open(':') },
  )
}

function tabSizeOf({ settings }: Workspace): number {
  return settings.values.get().tabSize
}
