import { type EditorState, type Extension, Prec, StateEffect, StateField, Text } from '@codemirror/state'
import { EditorView, GutterMarker, gutter, keymap, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { Document } from '../documents/document.ts'
import type { Editing, GitPart } from './git-part.ts'
import { hunkPeek, showPeek } from './hunk-peek.ts'
import { applyHunks, type Hunk, lineHunks, type Mark, markAt, narrowHunk, revertEdit } from './hunks.ts'

/** From an edit to the comparison: typing comes first. */
const COMPARE_AFTER_MS = 80

/** What the text is compared with; undefined when there is nothing to compare with. */
interface Base {
  text: Text
  oid: string
}

interface Marks {
  base: Base | undefined
  hunks: readonly Hunk[]
  /** The text has been edited since. */
  stale: boolean
}

const setBase = StateEffect.define<Base | undefined>()
const compare = StateEffect.define<null>()

const marks = StateField.define<Marks>({
  create: () => ({ base: undefined, hunks: [], stale: false }),
  update(value, { effects, state, docChanged }) {
    let next = docChanged && value.base && !value.stale ? { ...value, stale: true } : value
    for (const effect of effects) {
      if (effect.is(setBase)) next = compared(effect.value, state.doc)
      else if (effect.is(compare)) next = compared(value.base, state.doc)
    }
    return next
  },
})

function compared(base: Base | undefined, doc: Text): Marks {
  return { base, hunks: base ? lineHunks(base.text, doc) : [], stale: false }
}

/** The differences of the text as it is now. */
function hunksNow(state: EditorState): readonly Hunk[] {
  const { base, hunks, stale } = state.field(marks)
  return stale && base ? lineHunks(base.text, state.doc) : hunks
}

class LineMark extends GutterMarker {
  override readonly elementClass: string

  constructor(mark: Mark) {
    super()
    this.elementClass = `git-${mark}`
  }
}

const lineMark = { added: new LineMark('added'), changed: new LineMark('changed'), deleted: new LineMark('deleted') }

const bar = gutter({
  class: 'cm-git',
  lineMarker(view, line) {
    const { doc } = view.state
    const found = markAt(view.state.field(marks).hunks, doc.lineAt(line.from).number - 1, doc.lines)
    return found ? lineMark[found.mark] : null
  },
  lineMarkerChange: (update) => update.startState.field(marks).hunks !== update.state.field(marks).hunks,
  domEventHandlers: {
    mousedown(view, line) {
      const { doc } = view.state
      const found = markAt(hunksNow(view.state), doc.lineAt(line.from).number - 1, doc.lines)
      if (!found) return false
      view.dispatch({ effects: showPeek.of(peekOf(view.state, found.hunk)) })
      return true
    },
  },
})

function peekOf(state: EditorState, hunk: Hunk) {
  const { base } = state.field(marks)
  return base && { hunk, old: base.text.toJSON().slice(hunk.fromA, hunk.toA) }
}

/** Marks beside changed lines; one opens to the old text, with what can be done about it. */
export function lineMarks(part: GitPart, document: Document): Extension {
  const follow = ViewPlugin.define((view) => new Follower(view, part, document))
  const actions = {
    revert: (view: EditorView, hunk: Hunk) => revert(view, [hunk]),
    stage: (view: EditorView, hunk: Hunk) => part.workspace.attempt(stage(part, document, view, hunk.fromB, hunk.toB)),
    step: (view: EditorView, by: 1 | -1) => step(view, by, true),
  }
  const keys = keymap.of([
    { key: 'Alt-F3', run: (view) => step(view, 1, false) },
    { key: 'Shift-Alt-F3', run: (view) => step(view, -1, false) },
  ])
  return [marks, Prec.high(bar), hunkPeek(actions), follow, keys]
}

/** Keeps the text to compare with up to date while the editor is shown. */
class Follower implements Editing {
  readonly #view: EditorView
  readonly #part: GitPart
  readonly #document: Document
  readonly #stop: (() => void)[]
  #asked = 0
  #comparing: ReturnType<typeof setTimeout> | undefined
  #left = false

  constructor(view: EditorView, part: GitPart, document: Document) {
    this.#view = view
    this.#part = part
    this.#document = document
    const look = () => void this.#look()
    this.#stop = [part.state.repositories.subscribe(look), part.workspace.settings.values.subscribe(look)]
    queueMicrotask(look)
    part.editing = this
  }

  update(update: ViewUpdate): void {
    if (update.focusChanged && update.view.hasFocus) this.#part.editing = this
    if (!update.docChanged || !update.state.field(marks).base) return
    this.#comparing ??= setTimeout(() => {
      this.#comparing = undefined
      this.#view.dispatch({ effects: compare.of(null) })
    }, COMPARE_AFTER_MS)
  }

  destroy(): void {
    this.#left = true
    clearTimeout(this.#comparing)
    for (const stop of this.#stop) stop()
    if (this.#part.editing === this) this.#part.editing = undefined
  }

  stageSelection(): void {
    const { state } = this.#view
    const { from, to } = state.selection.main
    const last = state.doc.lineAt(to)
    // A selection that ends at the beginning of a line does not mean that line.
    const end = to > from && last.from === to ? last.number - 1 : last.number
    const start = state.doc.lineAt(from).number - 1
    this.#part.workspace.attempt(stage(this.#part, this.#document, this.#view, start, end))
  }

  revertSelection(): void {
    const { state } = this.#view
    const { from, to } = state.selection.main
    const [start, end] = [state.doc.lineAt(from).number - 1, state.doc.lineAt(to).number]
    const hunks = hunksNow(state)
    revert(
      this.#view,
      hunks.flatMap((hunk) => narrowHunk(hunk, start, end) ?? []),
    )
  }

  step(by: 1 | -1): void {
    step(this.#view, by, true)
    this.#view.focus()
  }

  async #look(): Promise<void> {
    const { state, workspace } = this.#part
    const { path } = this.#document
    const mode = workspace.settings.values.get().gitMarks
    const repository = state.repositoryOf(path)
    const asked = ++this.#asked
    if (!repository || mode === 'off' || (mode === 'head' && repository.commit === undefined))
      return this.#set(undefined)
    const known = this.#view.state.field(marks).base?.oid
    const at = mode === 'head' ? 'HEAD' : state.changeOf(path)?.conflict === undefined ? 'index' : 'ours'
    const found = await workspace.connection
      .request('git.text', { root: repository.root, path, at, ...(known === undefined ? {} : { known }) })
      .catch(() => ({ oid: known }) as { oid?: string; text?: string })
    if (this.#left || asked !== this.#asked || (found.oid !== undefined && found.oid === known)) return
    this.#set(
      found.oid !== undefined && found.text !== undefined ? { oid: found.oid, text: toText(found.text) } : undefined,
    )
  }

  #set(base: Base | undefined): void {
    if (this.#left || (!base && !this.#view.state.field(marks).base)) return
    this.#view.dispatch({ effects: [setBase.of(base), showPeek.of(undefined)] })
  }
}

export function toText(text: string): Text {
  return Text.of(text.split('\n'))
}

function revert(view: EditorView, hunks: readonly Hunk[]): void {
  const { base } = view.state.field(marks)
  if (!base || hunks.length === 0) return
  const changes = hunks.map((hunk) => revertEdit(base.text, view.state.doc, hunk))
  view.dispatch({ changes, effects: showPeek.of(undefined), userEvent: 'revert' })
  view.focus()
}

/** Stages the differences from what is staged that lie in these lines. */
async function stage(part: GitPart, document: Document, view: EditorView, from: number, to: number): Promise<void> {
  const { path } = document
  const { connection } = part.workspace
  const root = part.state.repositoryOf(path)?.root
  if (root === undefined) return
  const { doc } = view.state
  const { oid, text = '' } = await connection.request('git.text', { root, path, at: 'index' })
  const staged = toText(text)
  const wanted = lineHunks(staged, doc).flatMap((hunk) => narrowHunk(hunk, from, to) ?? [])
  if (wanted.length === 0) return
  const next = applyHunks(staged, doc, wanted)
  await connection.request('git.stageText', { root, path, text: next, ...(oid === undefined ? {} : { base: oid }) })
}

/** Goes to the next difference, around the end. */
function step(view: EditorView, by: 1 | -1, peek: boolean): boolean {
  const hunks = hunksNow(view.state)
  if (hunks.length === 0) return false
  const { doc, selection } = view.state
  const line = doc.lineAt(selection.main.head).number - 1
  const later = hunks.findIndex(({ fromB }) => fromB > line)
  const earlier = hunks.findLastIndex(({ fromB }) => fromB < line)
  const next = by === 1 ? later : earlier
  const hunk = hunks[next < 0 ? (by === 1 ? 0 : hunks.length - 1) : next] as Hunk
  const { from } = doc.line(Math.min(hunk.fromB, doc.lines - 1) + 1)
  view.dispatch({
    selection: { anchor: from },
    effects: [
      EditorView.scrollIntoView(from, { y: 'center' }),
      ...(peek ? [showPeek.of(peekOf(view.state, hunk))] : []),
    ],
  })
  return true
}
