import { type EditorState, type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type Panel,
  showPanel,
  ViewPlugin,
  WidgetType,
} from '@codemirror/view'
import type { Document } from '../documents/document.ts'
import { viewTab } from '../tabs/tab-view.ts'
import { type Conflict, findConflicts, resolution, type Side } from './conflicts.ts'
import { MERGE_VIEW } from './diff-tab.ts'
import type { GitPart } from './git-part.ts'

interface Shown {
  /** git says that the file has a conflict. */
  active: boolean
  conflicts: readonly Conflict[]
  marks: DecorationSet
}

const setActive = StateEffect.define<boolean>()
const lines = {
  ours: Decoration.line({ class: 'git-ours' }),
  base: Decoration.line({ class: 'git-base' }),
  theirs: Decoration.line({ class: 'git-theirs' }),
  marker: Decoration.line({ class: 'git-marker' }),
}

const shown = StateField.define<Shown>({
  create: () => ({ active: false, conflicts: [], marks: Decoration.none }),
  update(value, { effects, state, docChanged }) {
    let { active } = value
    for (const effect of effects) if (effect.is(setActive)) active = effect.value
    if (active === value.active && !(active && docChanged)) return value
    const conflicts = active ? findConflicts(state.doc) : []
    return { active, conflicts, marks: marksOf(state, conflicts) }
  },
  provide: (self) => EditorView.decorations.from(self, ({ marks }) => marks),
})

function marksOf({ doc }: EditorState, conflicts: readonly Conflict[]): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>()
  for (const conflict of conflicts) {
    const { start, base = conflict.middle, middle, end } = conflict
    const widget = new Choices(conflict)
    builder.add(doc.line(start).from, doc.line(start).from, Decoration.widget({ widget, block: true, side: -1 }))
    for (let number = start; number <= end; number++) {
      const isMarker = number === start || number === base || number === middle || number === end
      const side = number < base ? lines.ours : number < middle ? lines.base : lines.theirs
      const { from } = doc.line(number)
      builder.add(from, from, isMarker ? lines.marker : side)
    }
  }
  return builder.finish()
}

/** What can be done with one conflict, above it. */
class Choices extends WidgetType {
  readonly #conflict: Conflict

  constructor(conflict: Conflict) {
    super()
    this.#conflict = conflict
  }

  override eq(other: Choices): boolean {
    return JSON.stringify(other.#conflict) === JSON.stringify(this.#conflict)
  }

  override toDOM(view: EditorView): HTMLElement {
    const { ours, theirs, start } = this.#conflict
    const dom = document.createElement('div')
    dom.className = 'git-choices'
    dom.setAttribute('role', 'group')
    dom.setAttribute('aria-label', `Conflict in line ${start}`)
    const choose = (title: string, detail: string, side: Side) =>
      dom.append(
        button(title, detail, () => {
          // Where it is now: others may have typed above it.
          const now = findConflicts(view.state.doc)
          const at = view.state.doc.lineAt(view.posAtDOM(dom)).number
          const conflict = now.find((one) => one.start === at) ?? now.find((one) => one.start >= at)
          if (conflict) view.dispatch({ changes: resolution(view.state.doc, conflict, side), userEvent: 'input' })
          view.focus()
        }),
      )
    choose('Accept current', ours, 'ours')
    choose('Accept incoming', theirs, 'theirs')
    choose('Accept both', `${ours}, then ${theirs}`, 'both')
    return dom
  }

  override ignoreEvent(): boolean {
    return true
  }
}

/** Conflicts of a file in its editor: choices at each, and above the text how many there are. */
export function conflictMarks(part: GitPart, documentOf: Document): Extension {
  const { workspace, state } = part
  const repository = () => state.repositoryOf(documentOf.path)
  const markResolved = (view: EditorView) => {
    const found = repository()
    if (!found) return
    const left = view.state.field(shown).conflicts.length
    const resolve = () =>
      workspace.attempt(workspace.connection.request('git.stage', { root: found.root, paths: [documentOf.path] }))
    if (left === 0) return resolve()
    void part.dialogs
      .confirm({
        title: 'There are conflicts left',
        detail: `${left} of them still have git's markers in the text. Mark the file as resolved all the same?`,
        actions: [{ id: 'resolve', title: 'Mark as resolved', danger: true }],
      })
      .then((answer) => answer && resolve())
  }
  const compare = () => {
    const found = repository()
    if (found) workspace.tabs.open(viewTab(MERGE_VIEW, JSON.stringify({ root: found.root, path: documentOf.path })))
  }
  const above = (view: EditorView) => banner(view, markResolved, compare)
  const panel = showPanel.compute([shown], (current) => (current.field(shown).active ? above : null))
  const follow = ViewPlugin.define((view) => {
    let left = false
    const look = () => {
      const active = state.changeOf(documentOf.path)?.conflict !== undefined
      if (!left && active !== view.state.field(shown).active) view.dispatch({ effects: setActive.of(active) })
    }
    const stop = state.repositories.subscribe(look)
    queueMicrotask(look)
    return {
      destroy() {
        left = true
        stop()
      },
    }
  })
  return [shown, panel, follow]
}

function banner(view: EditorView, resolve: (view: EditorView) => void, compare: () => void): Panel {
  const dom = document.createElement('div')
  dom.className = 'git-banner'
  dom.dataset.testid = 'git-conflict'
  const words = document.createElement('span')
  words.setAttribute('role', 'status')
  const say = () => {
    const left = view.state.field(shown).conflicts.length
    words.textContent =
      left === 0 ? 'No conflicts are left in the text.' : `${left} ${left === 1 ? 'conflict' : 'conflicts'}`
  }
  say()
  dom.append(
    words,
    button('Next', 'Go to the next conflict', () => goToConflict(view)),
    // The view of both sides has these of its own.
    button('Compare', 'Both sides beside the text', compare, 'alone'),
    button('Mark as resolved', 'Stage the file as it is', () => resolve(view), 'alone'),
  )
  return { dom, top: true, update: (update) => update.docChanged && say() }
}

/** To the conflict behind the cursor, or the first; gives it. */
export function goToConflict(view: EditorView): Conflict | undefined {
  const { conflicts } = view.state.field(shown)
  const line = view.state.doc.lineAt(view.state.selection.main.head).number
  const next = conflicts.find(({ start }) => start > line) ?? conflicts[0]
  if (!next) return undefined
  const { from } = view.state.doc.line(next.start)
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
  view.focus()
  return next
}

function button(title: string, detail: string, run: () => void, className = ''): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = `button ${className}`
  made.textContent = title
  made.title = detail
  made.onclick = run
  return made
}
