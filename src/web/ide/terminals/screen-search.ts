import { SearchAddon } from '@xterm/addon-search'
import type { Terminal } from '@xterm/xterm'
import { Store } from '../../shared/store.ts'

export interface SearchOptions {
  caseSensitive: boolean
  wholeWord: boolean
  regex: boolean
}

/** More than so many matches are not counted. */
const MOST = 2_000

/** Find in the screen and its scrollback. */
export class ScreenSearch {
  readonly #terminal: Terminal
  /** `index` from 0, -1 when more match than are counted. */
  readonly matches = new Store<{ index: number; count: number } | undefined>(undefined)
  readonly #addon = new SearchAddon({ highlightLimit: MOST })
  readonly #style: () => CSSStyleDeclaration

  constructor(terminal: Terminal, style: () => CSSStyleDeclaration) {
    this.#terminal = terminal
    this.#style = style
    terminal.loadAddon(this.#addon)
    this.#addon.onDidChangeResults(({ resultIndex, resultCount }) =>
      this.matches.set({ index: resultIndex, count: resultCount }),
    )
  }

  /** The next match, or the one before. */
  find(text: string, options: SearchOptions, step: 'typing' | 'next' | 'previous'): void {
    if (text === '' || (options.regex && !isRegex(text))) {
      this.end()
      return
    }
    const of = (name: string) => this.#style().getPropertyValue(name).trim()
    const decorations = {
      matchBackground: of('--found'),
      activeMatchBackground: of('--found-now'),
      matchOverviewRuler: of('--found-now'),
      activeMatchColorOverviewRuler: of('--accent'),
    }
    // While it is typed the latest is found, since that is what people look for.
    if (step === 'typing') this.#terminal.clearSelection()
    if (step === 'next') this.#addon.findNext(text, { ...options, decorations })
    else this.#addon.findPrevious(text, { ...options, decorations })
  }

  end(): void {
    this.#addon.clearDecorations()
    this.matches.set(undefined)
  }
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
