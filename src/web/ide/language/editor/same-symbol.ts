import { type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { DocumentHighlight } from 'vscode-languageserver-protocol'
import { offsetOf, positionOf } from '../place.ts'
import { askQuietly, contextOf } from './editor-context.ts'

const show = StateEffect.define<DecorationSet>()
const read = Decoration.mark({ class: 'language-same' })
const written = Decoration.mark({ class: 'language-same written' })
const AFTER_MS = 180

const shown = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value
    return transaction.docChanged ? Decoration.none : value
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** Marks where the symbol at the cursor is used in this file. */
const plugin = ViewPlugin.fromClass(
  class {
    #timer: ReturnType<typeof setTimeout> | undefined
    #controller: AbortController | undefined

    update({ view, selectionSet, docChanged }: ViewUpdate) {
      if (!selectionSet && !docChanged) return
      clearTimeout(this.#timer)
      this.#controller?.abort()
      this.#timer = setTimeout(() => void this.#ask(view), AFTER_MS)
    }

    async #ask(view: EditorView) {
      const { doc, selection } = view.state
      if (!contextOf(view.state)?.link.capabilities.get()?.documentHighlightProvider) return
      const { head, empty } = selection.main
      const controller = new AbortController()
      this.#controller = controller
      const isOnWord = empty && view.state.wordAt(head) !== null
      const params = { position: positionOf(doc, head) }
      const found = isOnWord
        ? await askQuietly<DocumentHighlight[]>(view, 'textDocument/documentHighlight', params, controller)
        : null
      if (controller.signal.aborted || view.state.doc !== doc) return
      const marks = decorate(view, found ?? [])
      if (marks.size > 0 || view.state.field(shown).size > 0) view.dispatch({ effects: show.of(marks) })
    }

    destroy() {
      clearTimeout(this.#timer)
      this.#controller?.abort()
    }
  },
)

function decorate(view: EditorView, highlights: readonly DocumentHighlight[]): DecorationSet {
  const { doc } = view.state
  const builder = new RangeSetBuilder<Decoration>()
  const ranges = highlights
    .map(({ range, kind }) => ({ from: offsetOf(doc, range.start), to: offsetOf(doc, range.end), kind }))
    .filter(({ from, to }) => from < to)
    .toSorted((a, b) => a.from - b.from)
  for (const { from, to, kind } of ranges) builder.add(from, to, kind === 3 ? written : read)
  return builder.finish()
}

export const sameSymbol: Extension = [shown, plugin]
