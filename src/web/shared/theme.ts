import type { Settings } from '../../core/settings.ts'
import { Store } from './store.ts'

export type Theme = Exclude<Settings['theme'], 'system'>

/** The part of a window a theme needs. */
export interface ThemeWindow {
  matchMedia(query: string): Pick<MediaQueryList, 'matches' | 'addEventListener'>
  document: { documentElement: { dataset: DOMStringMap } }
}

/**
 * The colours shown: what the person chose, or what the operating system says. `html[data-theme]` says it to the style
 * sheets; the page's first script has said it before anything was drawn.
 */
export class ShownTheme {
  readonly shown: Store<Theme>
  readonly #window: ThemeWindow
  readonly #dark: Pick<MediaQueryList, 'matches'>
  readonly #contrast: Pick<MediaQueryList, 'matches'>
  #choice: Settings['theme'] = 'system'

  constructor(window: ThemeWindow) {
    this.#window = window
    const listen = (query: string) => {
      const list = window.matchMedia(query)
      list.addEventListener('change', () => this.#show())
      return list
    }
    this.#dark = listen('(prefers-color-scheme: dark)')
    this.#contrast = listen('(prefers-contrast: more)')
    this.shown = new Store<Theme>(this.#theme())
    this.#show()
  }

  get isDark(): boolean {
    return this.shown.get().endsWith('dark')
  }

  choose(choice: Settings['theme']): void {
    this.#choice = choice
    this.#show()
  }

  #theme(): Theme {
    if (this.#choice !== 'system') return this.#choice
    const scheme = this.#dark.matches ? 'dark' : 'light'
    return this.#contrast.matches ? `contrast-${scheme}` : scheme
  }

  #show(): void {
    const theme = this.#theme()
    this.#window.document.documentElement.dataset.theme = theme
    this.shown.set(theme)
  }
}
