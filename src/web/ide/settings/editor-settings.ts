import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import { EditorView, keymap, ViewPlugin } from '@codemirror/view'
import type { Workspace } from '../workspace.ts'

const noNumbers = EditorView.theme({ '.cm-gutter.cm-lineNumbers': { display: 'none' } })

/** The editors are as the person wants them: at once, all that are shown. */
export function addEditorSettings(workspace: Workspace): void {
  const { commands, documents, editors, keys, settings, tabs, theme } = workspace
  const compartment = new Compartment()
  const narrow = matchMedia('(max-width: 767px)')
  const shown = new Set<EditorView>()
  let vim: Extension | undefined

  const chosen = (): Extension => {
    const { keymap: kind, lineNumbers, tabSize, wordWrap } = settings.values.get()
    const taken = keys.taken.get().split('\n').filter(Boolean)
    return [
      kind === 'vim' && vim ? vim : [],
      Prec.highest(keymap.of(taken.map((key) => ({ key, run: () => true })))),
      EditorState.tabSize.of(tabSize),
      EditorView.darkTheme.of(theme.isDark),
      wordWrap === 'on' || (wordWrap === 'narrow' && narrow.matches) ? EditorView.lineWrapping : [],
      lineNumbers ? [] : noNumbers,
    ]
  }
  const change = () => {
    for (const view of shown) {
      view.dispatch({ effects: compartment.reconfigure(chosen()) })
      view.requestMeasure()
    }
  }
  const changed = () => {
    if (settings.values.get().keymap === 'vim' && !vim) {
      workspace.attempt(
        import('./vim.ts').then((module) => {
          const save = () => {
            if (tabs.activeFile !== undefined) void documents.save(tabs.activeFile)
          }
          vim = module.vimKeys({ save, close: () => commands.get('tab.close')?.run() })
          change()
        }),
      )
    }
    change()
  }

  editors.add(() => [
    compartment.of(chosen()),
    ViewPlugin.define((view) => {
      shown.add(view)
      return { destroy: () => shown.delete(view) }
    }),
  ])
  settings.values.subscribe(changed)
  theme.shown.subscribe(change)
  narrow.addEventListener('change', change)
  keys.taken.subscribe(change)
  changed()

  commands.add({
    id: 'editor.wordWrap',
    title: 'Wrap long lines, or do not',
    key: 'Alt+Z',
    run: () => {
      const { wordWrap } = settings.values.get()
      const isOn = wordWrap === 'on' || (wordWrap === 'narrow' && narrow.matches)
      settings.set('wordWrap', isOn ? 'off' : 'on')
    },
  })
}
