import { type Extension, StateEffect, StateField } from '@codemirror/state'
import { type EditorView, showTooltip, type Tooltip } from '@codemirror/view'
import type { PrepareRenameResult, Range, WorkspaceEdit } from 'vscode-languageserver-protocol'
import { offsetOf, positionOf } from '../place.ts'
import { applyWorkspaceEdit, hashesFor, takeSnapshot } from '../workspace-edit.ts'
import { ask, contextOf } from './editor-context.ts'

interface Asked {
  from: number
  to: number
  name: string
}

const show = StateEffect.define<Asked | undefined>()

/** The field for the new name, at the name. */
const asked = StateField.define<Asked | undefined>({
  create: () => undefined,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value
    if (!value || !transaction.docChanged) return value
    const { changes } = transaction
    return { ...value, from: changes.mapPos(value.from, 1), to: changes.mapPos(value.to, -1) }
  },
  provide: (field) => showTooltip.computeN([field], (state) => [tooltipOf(state.field(field))]),
})

export const renameField: Extension = asked

/** Asks for a new name of the symbol at the cursor. */
export async function beginRename(view: EditorView): Promise<void> {
  const context = contextOf(view.state)
  if (!context) return
  const { doc } = view.state
  const { head } = view.state.selection.main
  const word = view.state.wordAt(head)
  const { capabilities } = context.link
  const provider = capabilities.get()?.renameProvider
  if (!provider) {
    context.workspace.notices.say('Names cannot be changed here: no language server that could do it is ready.')
    return
  }
  let range: Range | undefined
  if (typeof provider === 'object' && provider.prepareProvider) {
    const params = { position: positionOf(doc, head) }
    const prepared = await ask<PrepareRenameResult | null>(view, 'textDocument/prepareRename', params).catch(() => null)
    if (!prepared) {
      context.workspace.notices.say('This cannot be renamed. Place the cursor in a name of your own.')
      return
    }
    if ('range' in prepared) range = prepared.range
    else if ('start' in prepared) range = prepared
  }
  if (view.state.doc !== doc) return
  const from = range ? offsetOf(doc, range.start) : word?.from
  const to = range ? offsetOf(doc, range.end) : word?.to
  if (from === undefined || to === undefined || from === to) return
  view.dispatch({ effects: show.of({ from, to, name: doc.sliceString(from, to) }) })
}

async function rename(view: EditorView, at: number, newName: string): Promise<void> {
  const context = contextOf(view.state)
  if (!context) return
  const { workspace, languages, link } = context
  let snapshot = takeSnapshot(workspace, languages)
  const texts = () => {
    snapshot = takeSnapshot(workspace, languages)
    return hashesFor(snapshot, languages, link.server)
  }
  const params = { position: positionOf(view.state.doc, at), newName }
  const edit = await ask<WorkspaceEdit | null>(view, 'textDocument/rename', params, { texts })
  const files = edit ? await applyWorkspaceEdit(edit, snapshot, workspace, languages) : 0
  if (files === 0) workspace.notices.say(`Nothing had to be changed to call it ${newName}.`)
  else if (files > 1) workspace.notices.say(`Renamed to ${newName} in ${files} files.`)
}

function tooltipOf(value: Asked | undefined): Tooltip | null {
  if (!value) return null
  return { pos: value.from, above: false, create: (view) => draw(value, view) }
}

function draw({ from, name }: Asked, view: EditorView) {
  const dom = document.createElement('div')
  dom.className = 'language-rename'
  const input = dom.appendChild(document.createElement('input'))
  input.value = name
  input.spellcheck = false
  input.setAttribute('aria-label', 'New name')
  const hint = dom.appendChild(document.createElement('span'))
  hint.textContent = 'Enter to rename, Escape to leave it'
  let done = false
  const close = () => {
    if (done) return
    done = true
    view.dispatch({ effects: show.of(undefined) })
    view.focus()
  }
  input.addEventListener('keydown', (event) => {
    // The editor's own keys are not meant.
    event.stopPropagation()
    if ((event.key !== 'Enter' && event.key !== 'Escape') || event.isComposing) return
    // The editor has the focus in a moment, and must not get this key.
    event.preventDefault()
    if (event.key === 'Escape') return close()
    const newName = input.value.trim()
    const at = view.state.field(asked)?.from ?? from
    close()
    if (newName !== '' && newName !== name) contextOf(view.state)?.workspace.attempt(rename(view, at, newName))
  })
  input.addEventListener('blur', close)
  return {
    dom,
    mount: () => {
      input.focus()
      input.select()
    },
  }
}
