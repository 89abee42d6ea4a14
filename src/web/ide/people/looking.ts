import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { EditorView, ViewPlugin } from '@codemirror/view'
import type { Store } from '../../shared/store.ts'
import type { PageAccess, Workspace } from '../workspace.ts'

const lookingOnly: Extension = [
  EditorState.readOnly.of(true),
  // A phone's keyboard would cover half of what there is to see.
  EditorView.contentAttributes.of({ 'aria-readonly': 'true', inputmode: 'none' }),
]

/** An editor takes nothing from who may only look. */
export function readOnlyWhileLooking(access: Store<PageAccess>): Extension {
  const compartment = new Compartment()
  const wanted = () => (access.get() === 'look' ? lookingOnly : [])
  return [
    compartment.of(wanted()),
    ViewPlugin.define((view) => {
      const change = () => view.dispatch({ effects: compartment.reconfigure(wanted()) })
      return { destroy: access.subscribe(change) }
    }),
  ]
}

const typing = '.cm-content, .xterm'
const changing = ['Enter', 'Backspace', 'Delete', 'Tab']

/** Who types where they may only look is told why nothing happens. */
export function explainLooking({ access, notices }: Workspace): void {
  const tell = (event: Event) => {
    if (access.get() !== 'look' || !(event.target instanceof Element) || !event.target.closest(typing)) return
    notices.say('You may look at this sandbox, but not change it.', {
      detail: 'The link by which you came lets you look only. Ask whoever gave it to you for one that lets you edit.',
    })
  }
  window.addEventListener(
    'keydown',
    (event) => {
      const isTyping = event.key.length === 1 || changing.includes(event.key)
      if (isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) tell(event)
    },
    { capture: true },
  )
  window.addEventListener('paste', tell, { capture: true })
  window.addEventListener('beforeinput', tell, { capture: true })
}
