import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import { EditorView, keymap, ViewPlugin } from '@codemirror/view'
import { whenIdle } from '../frame/when-idle.ts'
import type { Workspace } from '../workspace.ts'

const noNumbers = EditorView.theme({ '.cm-gutter.cm-lineNumbers': { display: 'none' } })

/** The editors are as the person wants them: at once, all that are shown. */
export function addEditorSettings(workspace: Workspace): void {
  const { commands, documents, editors, keys, settings, tabs, theme } = workspace
  const compartment = new Compartment()
  const narrow = matchMedia('(max-width: 767px)')
  const shown = new Set<EditorView>()
  let vim: Extension | undefined
  let comforts: typeof import('../editor/comforts.ts').comforts | undefined

  const chosen = (): Extension => {
    const values = settings.values.get()
    const { keymap: kind, lineNumbers, tabSize, wordWrap } = values
    const taken = keys.taken.get().split('\n').filter(Boolean)
    return [
      kind === 'vim' && vim ? vim : [],
      Prec.highest(keymap.of(taken.map((key) => ({ key, run: () => true })))),
      EditorState.tabSize.of(tabSize),
      EditorView.darkTheme.of(theme.isDark),
      wordWrap === 'on' || (wordWrap === 'narrow' && narrow.matches) ? EditorView.lineWrapping : [],
      lineNumbers ? [] : noNumbers,
      comforts?.(values) ?? [],
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
  // An editor can be typed into without them, also where they cannot be fetched.
  void whenIdle(500)
    .then(() => import('../editor/comforts.ts'))
    .then((module) => {
      comforts = module.comforts
      change()
    })
    .catch(() => undefined)

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
