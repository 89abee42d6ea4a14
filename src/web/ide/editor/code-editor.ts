import { autocompletion, closeBrackets } from '@codemirror/autocomplete'
import { bracketMatching, foldGutter, indentOnInput, indentUnit } from '@codemirror/language'
import { highlightSelectionMatches } from '@codemirror/search'
import { Compartment, EditorSelection, EditorState, type Extension, Prec } from '@codemirror/state'
import {
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
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import * as Y from 'yjs'
import { Store } from '../../shared/store.ts'
import type { Content } from '../documents/content.ts'
import { findInFile } from '../find/find.ts'
import { codeTheme } from './code-theme.ts'
import { type Indentation, indentationOf, ofUnit, unitOf } from './indentation.ts'
import type { Language } from './language.ts'
import { languageOf, languageOfText, loadedLanguage, loadLanguage } from './languages.ts'
import { editorKeymap } from './own-keys.ts'
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
  EditorView.clickAddsSelectionRange.of((event) => event.altKey && !event.shiftKey),
  rectangularSelection({ eventFilter: (event) => event.altKey && event.shiftKey && event.button === 0 }),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  findInFile,
  // The document's own undo, which takes back one's own edits only, before that of the keymap.
  Prec.high(keymap.of(yUndoManagerKeymap)),
  keymap.of(editorKeymap),
  EditorView.contentAttributes.of({ 'aria-label': 'Editor', tabindex: '0', autocapitalize: 'off', autocorrect: 'off' }),
  codeTheme,
]

export interface CodeEditorHooks {
  /** After each movement of the cursor. */
  moved: (state: EditorState) => void
  /** What other parts of the page add to the editor of this file. */
  extensions: () => Extension
  /** Where somebody wanted to go before the text was there; each time once. */
  wanted: () => Place | undefined
  /** What a person chose to see the file as, `null` for plain text; undefined when its name is to say it. */
  language: () => Language | null | undefined
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
  /** What its text is taken for; undefined for plain text. */
  readonly language: Store<Language | undefined>
  readonly indentation: Store<Indentation>
  readonly #language = new Compartment()
  readonly #indentation = new Compartment()
  #selection: { anchor: Y.RelativePosition; head: Y.RelativePosition }[] = []
  #scroll: ReturnType<EditorView['scrollSnapshot']> | undefined

  /** `cursor`: where it was when the page was left. */
  constructor(path: string, content: Content, cursor: number, hooks: CodeEditorHooks) {
    this.#path = path
    this.#content = content
    this.#hooks = hooks
    const at = Y.createRelativePositionFromTypeIndex(content.text, Math.min(cursor, content.text.length))
    this.#selection = [{ anchor: at, head: at }]
    const text = content.text.toString()
    this.language = new Store(this.#languageOf(text))
    this.indentation = new Store(indentationOf(text) ?? ofUnit(this.language.get()?.indent ?? '  '))
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
      this.#indentation.of(indentUnit.of(unitOf(this.indentation.get()))),
      // Others' cursors are drawn by people/.
      yCollab(text, null, { undoManager: undo }),
    ]
  }

  /** Shows it in an element; the returned function takes it away again. */
  show(parent: Element): () => void {
    const { text } = this.#content
    const doc = text.toString()
    const language = this.language.get()
    const known = language && loadedLanguage(language)
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc,
        selection: this.#restoreSelection(),
        extensions: [
          this.extensions(),
          this.#language.of(known ?? []),
          EditorView.updateListener.of((update) => {
            if (update.selectionSet || update.docChanged) this.#hooks.moved(update.state)
          }),
        ],
      }),
    })
    this.view = view
    const cursor = view.state.selection.main.head
    this.#hooks.moved(view.state)
    view.dispatch({ effects: this.#scroll ?? EditorView.scrollIntoView(cursor, { y: 'center' }) })
    const wanted = this.#hooks.wanted()
    if (wanted) this.goTo(wanted)
    if (!known) void this.#loadLanguage(view)
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

  /** What is typed from now on is indented so. */
  indentWith(indentation: Indentation): void {
    this.indentation.set(indentation)
    this.view?.dispatch({ effects: this.#indentation.reconfigure(indentUnit.of(unitOf(indentation))) })
  }

  /** The person has chosen another language, or none any more. */
  languageChanged(): void {
    this.language.set(this.#languageOf(this.#content.text.toString()))
    if (this.view) void this.#loadLanguage(this.view)
  }

  #languageOf(text: string): Language | undefined {
    const chosen = this.#hooks.language()
    if (chosen !== undefined) return chosen ?? undefined
    return languageOf(this.#path) ?? languageOfText(text.slice(0, 200))
  }

  async #loadLanguage(view: EditorView): Promise<void> {
    const wanted = this.language.get()
    const language = wanted && (await loadLanguage(wanted).catch(() => undefined))
    if (this.view !== view || this.language.get() !== wanted) return
    view.dispatch({ effects: this.#language.reconfigure(language ?? []) })
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
