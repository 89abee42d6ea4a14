import { type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate, WidgetType } from '@codemirror/view'
import type { InlayHint } from 'vscode-languageserver-protocol'
import { offsetOf, rangeOf } from '../place.ts'
import { tracked } from './change-tracker.ts'
import { askQuietly, contextOf } from './editor-context.ts'

const AFTER_MS = 300
const show = StateEffect.define<DecorationSet>()

const shown = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value
    return transaction.docChanged ? value.map(transaction.changes) : value
  },
  provide: (field) => EditorView.decorations.from(field),
})

class HintWidget extends WidgetType {
  readonly #label: string

  constructor(label: string) {
    super()
    this.#label = label
  }

  override eq(other: HintWidget): boolean {
    return other.#label === this.#label
  }

  override toDOM(): HTMLElement {
    const span = document.createElement('span')
    span.className = 'language-hint'
    span.textContent = this.#label
    return span
  }
}

/** Names of parameters and types that are not written, in the text; when the person wants them. */
const plugin = ViewPlugin.define((view) => {
  const context = contextOf(view.state)
  let timer: ReturnType<typeof setTimeout> | undefined
  let controller = new AbortController()
  const ask = async () => {
    controller.abort()
    controller = new AbortController()
    const { signal } = controller
    const wanted = context?.workspace.settings.values.get().inlayHints === true
    if (!wanted || !context.link.capabilities.get()?.inlayHintProvider) {
      if (view.state.field(shown).size > 0) view.dispatch({ effects: show.of(Decoration.none) })
      return
    }
    await tracked(view, async ({ doc, map }) => {
      const range = rangeOf(doc, view.viewport.from, view.viewport.to)
      const hints = await askQuietly<InlayHint[]>(view, 'textDocument/inlayHint', { range }, { signal })
      if (signal.aborted || !hints) return
      const builder = new RangeSetBuilder<Decoration>()
      const places = hints.map((hint) => ({ at: map(offsetOf(doc, hint.position)), label: labelOf(hint) }))
      for (const { at, label } of places.toSorted((a, b) => a.at - b.at)) {
        builder.add(at, at, Decoration.widget({ widget: new HintWidget(label), side: 1 }))
      }
      view.dispatch({ effects: show.of(builder.finish()) })
    })
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), AFTER_MS)
  }
  const stops = [context?.workspace.settings.values.subscribe(soon), context?.link.capabilities.subscribe(soon)]
  soon()
  return {
    update({ docChanged, viewportChanged }: ViewUpdate) {
      if (docChanged || viewportChanged) soon()
    },
    destroy() {
      clearTimeout(timer)
      controller.abort()
      for (const stop of stops) stop?.()
    },
  }
})

function labelOf({ label, paddingLeft, paddingRight }: InlayHint): string {
  const words = typeof label === 'string' ? label : label.map(({ value }) => value).join('')
  return `${paddingLeft ? ' ' : ''}${words}${paddingRight ? ' ' : ''}`
}

export const inlayHints: Extension = [shown, plugin]
