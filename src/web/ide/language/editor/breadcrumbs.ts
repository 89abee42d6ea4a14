import type { Extension } from '@codemirror/state'
import { type EditorView, type Panel, showPanel, type ViewUpdate } from '@codemirror/view'
import type { DocumentSymbol } from 'vscode-languageserver-protocol'
import type { Document } from '../../documents/document.ts'
import { positionOf } from '../place.ts'
import { isInside, symbolsOf } from '../symbols.ts'
import { contextOf } from './editor-context.ts'

const AFTER_MS = 350

/** Where the cursor is: the folders, the file, and the symbols around it. Each leads to its beginning. */
export function breadcrumbs(document: Document): Extension {
  return showPanel.of((view) => new Breadcrumbs(view, document))
}

class Breadcrumbs implements Panel {
  readonly dom = document.createElement('nav')
  readonly top = true
  readonly #view: EditorView
  readonly #document: Document
  #symbols: readonly DocumentSymbol[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #stop: (() => void) | undefined
  #shown = ''

  constructor(view: EditorView, document: Document) {
    this.#view = view
    this.#document = document
    this.dom.className = 'breadcrumbs'
    this.dom.setAttribute('aria-label', 'Breadcrumbs')
    this.#draw()
  }

  mount(): void {
    this.#meetServer()
  }

  update({ docChanged, selectionSet }: ViewUpdate): void {
    this.#meetServer()
    if (docChanged) this.#askSoon(AFTER_MS)
    if (docChanged || selectionSet) this.#draw()
  }

  /** It is there before any server is. */
  #meetServer(): void {
    const context = this.#stop ? undefined : contextOf(this.#view.state)
    if (!context) return
    this.#stop = context.link.capabilities.subscribe(() => this.#askSoon(0))
    this.#askSoon(0)
  }

  destroy(): void {
    clearTimeout(this.#timer)
    this.#stop?.()
  }

  #askSoon(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), ms)
  }

  async #ask(): Promise<void> {
    const { doc } = this.#view.state
    const symbols = await symbolsOf(this.#view).catch(() => [])
    if (this.#view.state.doc !== doc) return
    this.#symbols = symbols
    this.#draw()
  }

  #draw(): void {
    const { doc, selection } = this.#view.state
    const at = positionOf(doc, selection.main.head)
    const chain: DocumentSymbol[] = []
    for (let level = this.#symbols; level.length > 0; ) {
      const around = level.find(({ range }) => isInside(at, range))
      if (!around) break
      chain.push(around)
      level = around.children ?? []
    }
    const folders = this.#document.path.split('/')
    const key = JSON.stringify([folders, chain.map(({ name, selectionRange }) => [name, selectionRange])])
    if (key === this.#shown) return
    this.#shown = key
    const parts = folders.map((name, index) => plain(name, index === folders.length - 1))
    this.dom.replaceChildren(...parts, ...chain.map((symbol) => this.#button(symbol)))
  }

  #button({ name, kind, selectionRange }: DocumentSymbol): HTMLElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.kind = String(kind)
    button.textContent = name
    button.addEventListener('click', () => {
      const { doc } = this.#view.state
      const line = doc.line(Math.min(doc.lines, selectionRange.start.line + 1))
      const anchor = Math.min(line.to, line.from + selectionRange.start.character)
      this.#view.dispatch({ selection: { anchor }, scrollIntoView: true })
      this.#view.focus()
    })
    return button
  }
}

function plain(name: string, isFile: boolean): HTMLElement {
  const span = document.createElement('span')
  span.textContent = name
  if (isFile) span.className = 'file'
  return span
}
