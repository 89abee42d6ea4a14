import { type EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { type CursorState, positionAt, shownContent } from './cursors.ts'

/** Movements are told at most this often. */
const TELL_EVERY_MS = 50
const MAX_RANGES = 20

/** Tells the others where one is in the document: selections, and what is in sight. */
class CursorPublisher implements PluginValue {
  readonly #view: EditorView
  #timer: ReturnType<typeof setTimeout> | undefined
  #told = ''
  readonly #scrolled = () => this.#later()

  constructor(view: EditorView) {
    this.#view = view
    view.scrollDOM.addEventListener('scroll', this.#scrolled, { passive: true })
    this.#later()
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged || update.geometryChanged) this.#later()
  }

  destroy(): void {
    clearTimeout(this.#timer)
    this.#view.scrollDOM.removeEventListener('scroll', this.#scrolled)
    // A document that is put away has no awareness any more.
    const awareness = this.#awareness
    if (awareness?.getLocalState()) awareness.setLocalStateField('cursor', null)
  }

  get #awareness() {
    return this.#view.state.facet(shownContent)?.awareness
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#tell()
    }, TELL_EVERY_MS)
  }

  #tell(): void {
    const { state, scrollDOM, documentPadding } = this.#view
    const content = state.facet(shownContent)
    if (!content?.awareness.getLocalState()) return
    // The text and the view may differ while a change of others is on its way into the view.
    const at = (offset: number) => positionAt(content.text, Math.min(offset, content.text.length))
    const { ranges, mainIndex } = state.selection
    const main = ranges[mainIndex]
    const sorted = main ? [main, ...ranges.filter((range) => range !== main)] : ranges
    const above = scrollDOM.scrollTop - documentPadding.top
    const [first, last] = [Math.max(0, above), Math.max(0, above + scrollDOM.clientHeight - 1)]
    const cursor: CursorState = {
      ranges: sorted.slice(0, MAX_RANGES).map(({ anchor, head }) => [at(anchor), at(head)]),
      top: at(this.#view.lineBlockAtHeight(first).from),
      bottom: at(this.#view.lineBlockAtHeight(last).to),
    }
    const text = JSON.stringify(cursor)
    if (text === this.#told) return
    this.#told = text
    content.awareness.setLocalStateField('cursor', cursor)
  }
}

export const cursorPublisher = ViewPlugin.fromClass(CursorPublisher)
