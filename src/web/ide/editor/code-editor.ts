import { autocompletion, closeBrackets } from '@codemirror/autocomplete'
import { indentWithTab } from '@codemirror/commands'
import { bracketMatching, foldGutter, indentOnInput, indentUnit } from '@codemirror/language'
import { highlightSelectionMatches, search } from '@codemirror/search'
import { Compartment, EditorSelection, EditorState, type Extension, Prec } from '@codemirror/state'
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import { vscodeKeymap } from '@replit/codemirror-vscode-keymap'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import * as Y from 'yjs'
import type { Content } from '../documents/content.ts'
import { codeTheme } from './code-theme.ts'
import { languageOf } from './languages.ts'
import { offsetsOf, type Place } from './place.ts'

const common: Extension = [
  // Offsets must be those of the shared text, whose lines end with \n only; a lone \r is shown as what it is.
  EditorState.lineSeparator.of('\n'),
  EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n')),
  lineNumbers(),
  foldGutter(),
  highlightSpecialChars(),
  // Fingers need the handles of the browser's own selection.
  matchMedia('(pointer: coarse)').matches ? [] : drawSelection(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion(),
  rectangularSelection(),
  crosshairCursor(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  search({ top: true }),
  // The document's own undo, which takes back one's own edits only, before that of the keymap.
  Prec.high(keymap.of(yUndoManagerKeymap)),
  keymap.of([...vscodeKeymap, indentWithTab]),
  EditorView.contentAttributes.of({ 'aria-label': 'Editor', tabindex: '0', autocapitalize: 'off', autocorrect: 'off' }),
  codeTheme,
]

/** The unit a file is indented with: that of its first indented line, else two spaces. */
function indentationOf(text: string): string {
  const found = /^(\t| {2,8})\S/m.exec(text)?.[1]
  return found === undefined ? '  ' : found
}

export interface CodeEditorHooks {
  /** The cursor's offset, after each movement. */
  moved: (cursor: number) => void
  /** What other parts of the page add to the editor of this file. */
  extensions: () => Extension
  /** Where somebody wanted to go before the text was there; each time once. */
  wanted: () => Place | undefined
}

/**
 * The editor of one document. Its view is in the page only while its tab is shown; the text is the document's, and where
 * the selection was is kept in the document's own terms, so that it is right whatever others did meanwhile.
 */
export class CodeEditor {
  /** The view that shows it now. */
  view: EditorView | undefined
  readonly #path: string
  readonly #content: Content
  readonly #hooks: CodeEditorHooks
  readonly #language = new Compartment()
  #selection: { anchor: Y.RelativePosition; head: Y.RelativePosition }[] = []
  #scroll: ReturnType<EditorView['scrollSnapshot']> | undefined

  /** `cursor`: where it was when the page was left. */
  constructor(path: string, content: Content, cursor: number, hooks: CodeEditorHooks) {
    this.#path = path
    this.#content = content
    this.#hooks = hooks
    const at = Y.createRelativePositionFromTypeIndex(content.text, Math.min(cursor, content.text.length))
    this.#selection = [{ anchor: at, head: at }]
  }

  get content(): Content {
    return this.#content
  }

  /** Of any view that edits the document, its text being the document's as it is now; without its language. */
  extensions(): Extension {
    const { text, undo } = this.#content
    return [
      this.#hooks.extensions(),
      common,
      indentUnit.of(indentationOf(text.toString())),
      // Others' cursors are drawn by people/.
      yCollab(text, null, { undoManager: undo }),
    ]
  }

  /** Shows it in an element; the returned function takes it away again. */
  show(parent: Element): () => void {
    const { text } = this.#content
    const doc = text.toString()
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc,
        selection: this.#restoreSelection(),
        extensions: [
          this.extensions(),
          this.#language.of([]),
          EditorView.updateListener.of((update) => {
            if (update.selectionSet || update.docChanged) this.#hooks.moved(update.state.selection.main.head)
          }),
        ],
      }),
    })
    this.view = view
    const cursor = view.state.selection.main.head
    this.#hooks.moved(cursor)
    view.dispatch({ effects: this.#scroll ?? EditorView.scrollIntoView(cursor, { y: 'center' }) })
    const wanted = this.#hooks.wanted()
    if (wanted) this.goTo(wanted)
    void this.#loadLanguage(view)
    return () => {
      this.#scroll = view.scrollSnapshot()
      this.#selection = view.state.selection.ranges.map(({ anchor, head }) => ({
        anchor: Y.createRelativePositionFromTypeIndex(text, anchor),
        head: Y.createRelativePositionFromTypeIndex(text, head),
      }))
      this.view = undefined
      view.destroy()
    }
  }

  /** Selects a place, and brings it to the middle unless it is seen already. */
  goTo(place: Place): void {
    const { view } = this
    if (!view) return
    const { from, to } = offsetsOf(view.state.doc, place)
    const isSeen = view.visibleRanges.some((range) => range.from < from && range.to > to) && isInside(view, from)
    const y = isSeen ? 'nearest' : 'center'
    const selection = EditorSelection.single(from, to)
    view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.main, { y }), userEvent: 'select.goto' })
  }

  async #loadLanguage(view: EditorView): Promise<void> {
    const language = await languageOf(this.#path)
      ?.load()
      .catch(() => undefined)
    if (language && this.view === view) view.dispatch({ effects: this.#language.reconfigure(language) })
  }

  #restoreSelection(): EditorSelection {
    const doc = this.#content.text.doc as Y.Doc
    const indexOf = (position: Y.RelativePosition) =>
      Y.createAbsolutePositionFromRelativePosition(position, doc)?.index ?? 0
    return EditorSelection.create(
      this.#selection.map(({ anchor, head }) => EditorSelection.range(indexOf(anchor), indexOf(head))),
    )
  }
}

/** Whether an offset is drawn where it can be seen. */
function isInside(view: EditorView, offset: number): boolean {
  const coords = view.coordsAtPos(offset)
  const { top, bottom } = view.scrollDOM.getBoundingClientRect()
  return coords !== null && coords.top > top && coords.bottom < bottom
}
