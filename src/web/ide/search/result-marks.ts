import { type EditorState, type Extension, RangeSet, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin } from '@codemirror/view'
import { offsetsOf } from '../editor/place.ts'
import type { Workspace } from '../workspace.ts'
import type { ProjectSearch } from './project-search.ts'

const mark = Decoration.mark({ class: 'cm-projectMatch' })
const look = EditorView.baseTheme({
  '.cm-projectMatch': { backgroundColor: 'var(--found)', borderRadius: '2px', opacity: '1' },
})
/** More in one file are no help to anybody. */
const MOST_MARKED = 2_000

/** Marks in the editor what the search found in its file, while the search is looked at. */
export function addResultMarks({ editors, layout }: Workspace, search: ProjectSearch): void {
  editors.add((document) => marksOf(() => document.path))

  function marksOf(pathOf: () => string): Extension {
    const change = StateEffect.define<DecorationSet>()
    const field = StateField.define<DecorationSet>({
      create: () => Decoration.none,
      update: (marks, transaction) => {
        const set = transaction.effects.find((effect) => effect.is(change))
        return set ? set.value : marks.map(transaction.changes)
      },
      provide: (self) => EditorView.decorations.from(self),
    })
    const plugin = ViewPlugin.define((view) => {
      let shown: unknown
      const update = () => {
        const { sideView, hidden } = layout.state.get()
        const isShown = sideView === 'search' && !hidden.includes('side')
        const found = isShown ? search.state.get().files.find(({ path }) => path === pathOf())?.matches : undefined
        if (found === shown) return
        shown = found
        const marks = found ? decorations(view.state, found) : Decoration.none
        view.dispatch({ effects: change.of(marks) })
      }
      const stopSearch = search.state.subscribe(update)
      const stopLayout = layout.state.subscribe(update)
      // Not while the editor is being made.
      queueMicrotask(update)
      const destroy = () => {
        stopSearch()
        stopLayout()
      }
      return { destroy }
    })
    return [field, plugin, look]
  }
}

function decorations(state: EditorState, found: readonly Parameters<typeof offsetsOf>[1][]): DecorationSet {
  const ranges = found.slice(0, MOST_MARKED).flatMap((place) => {
    const { from, to } = offsetsOf(state.doc, { ...place, text: '' })
    const isThere = to > from && (place.text === undefined || state.sliceDoc(from, to).startsWith(place.text))
    return isThere ? [mark.range(from, to)] : []
  })
  return RangeSet.of(ranges, true)
}
