import { autocompletion, closeBrackets } from '@codemirror/autocomplete'
import { history, indentWithTab } from '@codemirror/commands'
import { bracketMatching, foldGutter, indentOnInput, indentUnit } from '@codemirror/language'
import { highlightSelectionMatches, search } from '@codemirror/search'
import { Annotation, Compartment, EditorState, type Extension, type TransactionSpec } from '@codemirror/state'
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
import type { TextBuffer } from '../documents/document.ts'
import { textChange } from '../documents/text-change.ts'
import { codeTheme } from './code-theme.ts'
import { languageOf } from './languages.ts'

/** Marks a change that came from the disk: not an edit of the person's. */
const fromDisk = Annotation.define<boolean>()

const common: Extension = [
  lineNumbers(),
  foldGutter(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
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
  keymap.of([...vscodeKeymap, indentWithTab]),
  EditorView.contentAttributes.of({ 'aria-label': 'Editor', autocapitalize: 'off', autocorrect: 'off' }),
  codeTheme,
]

/** The unit a file is indented with: that of its first indented line, else two spaces. */
function indentationOf(text: string): string {
  const found = /^(\t| {2,8})\S/m.exec(text)?.[1]
  return found === undefined ? '  ' : found
}

/** A document's text and undo history as CodeMirror keeps them, whether a view shows it or not. */
export class CodeBuffer implements TextBuffer {
  state: EditorState
  /** The view that shows it now. */
  view: EditorView | undefined
  /** Where it was scrolled to when it was last shown. */
  scroll: ReturnType<EditorView['scrollSnapshot']> | undefined
  readonly #language = new Compartment()

  /** `edited` is called after each edit of the person's, `moved` with the cursor's offset after each movement. */
  constructor(path: string, text: string, cursor: number, edited: () => void, moved: (cursor: number) => void) {
    this.state = EditorState.create({
      doc: text,
      selection: { anchor: Math.min(cursor, text.includes('\r') ? 0 : text.length) },
      extensions: [
        common,
        indentUnit.of(indentationOf(text)),
        text.includes('\r\n') ? EditorState.lineSeparator.of('\r\n') : [],
        this.#language.of([]),
        EditorView.updateListener.of((update) => {
          this.state = update.state
          const typed = update.transactions.some((step) => step.docChanged && !step.annotation(fromDisk))
          if (typed) edited()
          if (update.selectionSet || update.docChanged) moved(update.state.selection.main.head)
        }),
      ],
    })
    languageOf(path)
      ?.load()
      .then((language) => this.#dispatch({ effects: this.#language.reconfigure(language) }))
      .catch(() => {})
  }

  text(): string {
    return this.state.sliceDoc()
  }

  replace(text: string): void {
    const { lineBreak } = this.state
    const lines = lineBreak === '\n' ? text.replace(/\r\n?/g, '\n') : text.replaceAll('\r\n', '\n')
    const changes = textChange(this.state.doc.toString(), lines)
    this.#dispatch({
      changes: { ...changes, insert: this.state.toText(changes.insert.replaceAll('\n', lineBreak)) },
      annotations: fromDisk.of(true),
    })
  }

  #dispatch(spec: TransactionSpec): void {
    if (this.view) this.view.dispatch(spec)
    else this.state = this.state.update(spec).state
  }
}
