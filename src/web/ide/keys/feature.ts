import type { Workspace } from '../workspace.ts'
import { addEditorCommands } from './editor-commands.ts'
import type { KeyPlace } from './key-bindings.ts'
import { pressedKey } from './keys.ts'

/** A field that wants to know which keys are pressed. */
function isRecording(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.dataset.recordsKeys !== undefined
}

/** Something that has keys of its own, as `data-own-keys` lists them, while the focus is in it. */
function isOwnKey(event: KeyboardEvent): boolean {
  const own = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-own-keys]') : null
  const key = pressedKey(event)
  return key !== undefined && own?.dataset.ownKeys?.split(' ').includes(key) === true
}

/** Listens to the keys, and makes the editor's commands known by name. */
export function addKeys(workspace: Workspace): void {
  const { keys, settings } = workspace
  const placeOf = (target: EventTarget | null): KeyPlace => {
    if (!(target instanceof Element)) return 'page'
    if (target.closest('.xterm')) return 'terminal'
    if (!target.closest('.cm-content')) return 'page'
    return settings.values.get().keymap === 'vim' ? 'vim' : 'editor'
  }
  const press = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented || isRecording(event.target) || isOwnKey(event)) return
    const place = placeOf(event.target)
    const answer = keys.press(event, place)
    if (answer === undefined) return
    // The editor has keys that begin alike, and would not look at a press that was taken.
    if (answer === 'begun' && place === 'editor') return
    event.preventDefault()
    event.stopPropagation()
    if (answer !== 'begun') answer.run()
  }
  // Before the editor and the terminal, which know some of these keys too.
  window.addEventListener('keydown', press, { capture: true })

  addEditorCommands(workspace)
}
