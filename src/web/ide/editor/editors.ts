import type { Extension } from '@codemirror/state'
import { Store } from '../../shared/store.ts'
import type { Document } from '../documents/document.ts'
import type { PageMemory } from '../frame/memory.ts'
import { CodeEditor } from './code-editor.ts'
import type { Language } from './language.ts'
import { languageNamed } from './languages.ts'
import type { Place } from './place.ts'

/** Something a part of the page adds to every editor. */
export type EditorPart = (document: Document) => Extension

/** Letters selected, and in how many places; the cursors, where nothing is selected. */
export interface Selected {
  ranges: number
  chars: number
}

/** The editors of the open documents. */
export class Editors {
  /** Offset of the cursor in the document shown. */
  readonly cursor = new Store(0)
  /** How much is selected there. */
  readonly selected = new Store<Selected>({ ranges: 1, chars: 0 })
  readonly #memory: PageMemory
  readonly #editors = new WeakMap<Document, CodeEditor>()
  readonly #parts: EditorPart[] = []
  readonly #cursors: Record<string, number> = {}
  readonly #wanted = new Map<string, Place>()
  /** What files are shown as, where a person has chosen: path -> title of a language, '' for plain text. */
  #languages: Record<string, string>

  constructor(memory: PageMemory) {
    this.#memory = memory
    this.#languages = memory.value.languages
  }

  /** To be called before the first editor is shown; earlier parts take precedence. */
  add(part: EditorPart): void {
    this.#parts.push(part)
  }

  /** The editor of a document that is open. */
  of(document: Document): CodeEditor | undefined {
    const content = document.content.get()
    if (!content) return undefined
    const known = this.#editors.get(document)
    if (known?.content === content) return known
    const editor = new CodeEditor(document.path, content, this.#memory.value.cursors[document.path] ?? 0, {
      moved: ({ selection }) => {
        const { head } = selection.main
        const chars = selection.ranges.reduce((sum, { from, to }) => sum + to - from, 0)
        const { length: ranges } = selection.ranges
        this.cursor.set(head)
        // A new one each time: another file's cursor may be at the same offset.
        this.selected.set({ ranges, chars })
        this.#cursors[document.path] = head
      },
      language: () => {
        const title = this.#languages[document.path]
        return title === undefined ? undefined : (languageNamed(title) ?? null)
      },
      extensions: () => this.#parts.map((part) => part(document)),
      wanted: () => this.#takeWanted(document.path),
    })
    this.#editors.set(document, editor)
    return editor
  }

  /** Goes to a place in a document, at once or as soon as its text is shown. */
  goTo(document: Document, place: Place): void {
    const editor = this.of(document)
    if (editor?.view) editor.goTo(place)
    else this.#wanted.set(document.path, place)
  }

  /** Shows a file as another language, as plain text with null, or as its name says with undefined. */
  chooseLanguage(document: Document, language: Language | null | undefined): void {
    const { [document.path]: _, ...others } = this.#languages
    this.#languages = language === undefined ? others : { ...others, [document.path]: language?.title ?? '' }
    this.#memory.remember({ languages: this.#languages })
    this.of(document)?.languageChanged()
  }

  #takeWanted(path: string): Place | undefined {
    const place = this.#wanted.get(path)
    this.#wanted.delete(path)
    return place
  }

  /** Writes down where the cursors of these files are. */
  remember(open: readonly string[]): void {
    const known = { ...this.#memory.value.cursors, ...this.#cursors }
    const cursors = Object.fromEntries(Object.entries(known).filter(([path]) => open.includes(path)))
    this.#languages = Object.fromEntries(Object.entries(this.#languages).filter(([path]) => open.includes(path)))
    if (JSON.stringify(cursors) !== JSON.stringify(this.#memory.value.cursors))
      this.#memory.remember({ cursors, languages: this.#languages })
  }
}
