import { type Extension, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  EditorView,
  showTooltip,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view'
import type { CodeAction, Command } from 'vscode-languageserver-protocol'
import { rangeOf } from '../place.ts'
import { applyWorkspaceEdit, hashesFor, type Snapshot, takeSnapshot } from '../workspace-edit.ts'
import { ask, contextOf, type EditorContext } from './editor-context.ts'
import { problemsIn } from './problem-marks.ts'

interface Offered {
  actions: readonly CodeAction[]
  snapshot: Snapshot
}

interface Menu extends Offered {
  at: number
}

const AFTER_MS = 300
const showBulb = StateEffect.define<number | undefined>()
const showMenu = StateEffect.define<Menu | undefined>()

class Bulb extends WidgetType {
  override eq(): boolean {
    return true
  }

  override toDOM(view: EditorView): HTMLElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'language-bulb'
    button.tabIndex = -1
    button.title = 'Quick fixes (Ctrl+.)'
    button.setAttribute('aria-label', 'Quick fixes')
    button.addEventListener('mousedown', (event) => {
      event.preventDefault()
      contextOf(view.state)?.workspace.attempt(openQuickFixes(view))
    })
    return button
  }

  override ignoreEvent(): boolean {
    return true
  }
}

const bulb = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(showBulb)) continue
      if (effect.value === undefined) return Decoration.none
      return Decoration.set(Decoration.widget({ widget: new Bulb(), side: 1 }).range(effect.value))
    }
    return transaction.docChanged ? Decoration.none : value
  },
  provide: (field) => EditorView.decorations.from(field),
})

const menu = StateField.define<Menu | undefined>({
  create: () => undefined,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(showMenu)) return effect.value
    return transaction.docChanged || transaction.selection ? undefined : value
  },
  provide: (field) => showTooltip.computeN([field], (state) => [tooltipOf(state.field(field))]),
})

/** A bulb at the end of the line when the server knows how to mend what is wrong at the cursor. */
const lookout = ViewPlugin.fromClass(
  class {
    #timer: ReturnType<typeof setTimeout> | undefined
    #controller: AbortController | undefined
    #line: number | undefined

    update({ view, state, selectionSet, docChanged, transactions }: ViewUpdate) {
      const isTold = transactions.some(({ effects }) => effects.length > 0)
      if (!selectionSet && !docChanged && !isTold) return
      const line = state.doc.lineAt(state.selection.main.head).number
      if (!docChanged && !isTold && line === this.#line) return
      this.#line = line
      clearTimeout(this.#timer)
      this.#controller?.abort()
      this.#timer = setTimeout(() => void this.#look(view), AFTER_MS)
    }

    async #look(view: EditorView) {
      const { doc, selection } = view.state
      const line = doc.lineAt(selection.main.head)
      const controller = new AbortController()
      this.#controller = controller
      const isWrong = problemsIn(view, line.from, line.to).length > 0
      const offered = isWrong
        ? await offersFor(view, line.from, line.to, controller.signal).catch(() => undefined)
        : undefined
      if (controller.signal.aborted || view.state.doc !== doc) return
      const at = offered && offered.actions.length > 0 ? line.to : undefined
      const now = view.state.field(bulb).iter()
      if (at !== (now.value ? now.from : undefined)) view.dispatch({ effects: showBulb.of(at) })
    }

    destroy() {
      clearTimeout(this.#timer)
      this.#controller?.abort()
    }
  },
)

export const quickFixes: Extension = [bulb, menu, lookout]

/** What the server offers for a range: fixes first, the best of them first of all. */
async function offersFor(
  view: EditorView,
  from: number,
  to: number,
  signal?: AbortSignal,
  only?: string[],
): Promise<Offered> {
  const context = contextOf(view.state) as EditorContext
  const { workspace, languages, link } = context
  if (!link.capabilities.get()?.codeActionProvider) return { actions: [], snapshot: takeSnapshot(workspace, languages) }
  let snapshot = takeSnapshot(workspace, languages)
  const texts = () => {
    snapshot = takeSnapshot(workspace, languages)
    return hashesFor(snapshot, languages, link.server)
  }
  const diagnostics = only ? [] : problemsIn(view, from, to).map(({ diagnostic }) => diagnostic)
  const params = {
    range: rangeOf(view.state.doc, from, to),
    context: { diagnostics, triggerKind: 1, ...(only ? { only } : {}) },
  }
  const found = await ask<(CodeAction | Command)[] | null>(view, 'textDocument/codeAction', params, {
    texts,
    ...(signal ? { signal } : {}),
  })
  const actions = (found ?? []).map(actionOf).filter(({ disabled }) => !disabled)
  const rank = ({ kind = '', isPreferred }: CodeAction) =>
    isPreferred ? 0 : kind.startsWith('quickfix') ? 1 : kind.startsWith('refactor') ? 2 : 3
  return { actions: actions.toSorted((a, b) => rank(a) - rank(b)), snapshot }
}

function actionOf(action: CodeAction | Command): CodeAction {
  return typeof action.command === 'string'
    ? { title: action.title, command: action as Command }
    : (action as CodeAction)
}

/** Lists what can be done about what is at the cursor. */
export async function openQuickFixes(view: EditorView): Promise<void> {
  const context = contextOf(view.state)
  if (!context) return
  const { from, to, head } = view.state.selection.main
  const { doc } = view.state
  const line = doc.lineAt(head)
  let offered = await offersFor(view, from, to)
  // Nothing just there, but perhaps elsewhere in the line.
  if (offered.actions.length === 0) offered = await offersFor(view, line.from, line.to)
  if (view.state.doc !== doc) return
  if (offered.actions.length === 0) context.workspace.notices.say('There is nothing to fix here.')
  else view.dispatch({ effects: showMenu.of({ ...offered, at: head }) })
}

/** Does all that the server calls by a kind: `source.organizeImports`. Resolves to whether there was anything. */
export async function runSourceAction(view: EditorView, kind: string): Promise<boolean> {
  const { actions, snapshot } = await offersFor(view, 0, view.state.doc.length, undefined, [kind])
  const [first] = actions.filter((action) => action.kind?.startsWith(kind))
  const context = contextOf(view.state)
  if (!first || !context) return false
  await run(context, first, snapshot)
  return true
}

async function run(context: EditorContext, action: CodeAction, snapshot: Snapshot): Promise<void> {
  const { workspace, languages, link } = context
  const provider = link.capabilities.get()?.codeActionProvider
  const mayResolve = typeof provider === 'object' && provider.resolveProvider === true
  const whole = !action.edit && mayResolve ? await link.request<CodeAction>('codeAction/resolve', action) : action
  if (whole.edit) await applyWorkspaceEdit(whole.edit, snapshot, workspace, languages)
  if (whole.command) {
    const { command, arguments: args } = whole.command
    await link.request('workspace/executeCommand', { command, arguments: args ?? [] })
  }
}

function tooltipOf(value: Menu | undefined): Tooltip | null {
  return value ? { pos: value.at, above: false, create: (view) => draw(value, view) } : null
}

function draw({ actions, snapshot }: Menu, view: EditorView) {
  const dom = document.createElement('div')
  dom.className = 'language-menu'
  dom.setAttribute('role', 'menu')
  dom.setAttribute('aria-label', 'Quick fixes')
  const close = () => {
    view.dispatch({ effects: showMenu.of(undefined) })
    view.focus()
  }
  const items = actions.map((action) => {
    const item = dom.appendChild(document.createElement('button'))
    item.type = 'button'
    item.setAttribute('role', 'menuitem')
    item.textContent = action.title
    if (action.isPreferred) item.classList.add('preferred')
    item.addEventListener('click', () => {
      const context = contextOf(view.state)
      close()
      context?.workspace.attempt(run(context, action, snapshot))
    })
    return item
  })
  dom.addEventListener('keydown', (event) => {
    event.stopPropagation()
    const at = items.indexOf(document.activeElement as HTMLButtonElement)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) items[(at + step + items.length) % items.length]?.focus()
    if (event.key === 'Escape' || event.key === 'Tab') close()
    if (step || event.key === 'Escape' || event.key === 'Tab') event.preventDefault()
  })
  dom.addEventListener('focusout', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && dom.contains(relatedTarget)) && view.state.field(menu)) {
      queueMicrotask(() => view.dispatch({ effects: showMenu.of(undefined) }))
    }
  })
  return { dom, mount: () => items[0]?.focus() }
}
