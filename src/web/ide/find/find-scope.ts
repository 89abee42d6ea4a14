import { type EditorState, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'

/** Only what lies in this stretch is found; null for the whole text. */
export const setScope = StateEffect.define<{ from: number; to: number } | null>()

const mark = Decoration.mark({ class: 'cm-findScope' })

export const findScope = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(scope, transaction) {
    let next = scope.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(setScope)) continue
      const { value } = effect
      next = value && value.from < value.to ? Decoration.set(mark.range(value.from, value.to)) : Decoration.none
    }
    return next
  },
  provide: (self) => EditorView.decorations.from(self),
})

export function hasScope(state: EditorState): boolean {
  return (state.field(findScope, false)?.size ?? 0) > 0
}

/** For a query that is to find in the scope only. */
export function isInScope(_: string, state: EditorState, from: number, to: number): boolean {
  const range = state.field(findScope, false)?.iter()
  return range?.value === null || range === undefined || (from >= range.from && to <= range.to)
}
