import { Store } from '../../shared/store.ts'
import type { Memory, PageMemory } from './memory.ts'

export type Part = 'side' | 'terminal' | 'preview'
/** On a phone one of these fills the screen. */
export type Pane = 'files' | 'editor' | 'terminal' | 'preview'

export interface LayoutState {
  /** CSS pixels; 0: the style sheet's own. */
  readonly sizes: Readonly<Record<Part, number>>
  readonly hidden: readonly Part[]
  readonly pane: Pane
  /** Id of the view shown in the side bar. */
  readonly sideView: string
}

export const LIMITS: Record<Part, { least: number; most: number }> = {
  side: { least: 140, most: 600 },
  terminal: { least: 80, most: 1200 },
  preview: { least: 220, most: 1800 },
}

/** Which parts of the page are shown and how large, remembered over reloads. */
export class Layout {
  readonly state: Store<LayoutState>
  readonly #memory: PageMemory
  #previewChosen: boolean

  constructor(memory: PageMemory) {
    const { side, terminal, preview, hidden, previewChosen, sideView } = memory.value.layout
    this.#memory = memory
    this.#previewChosen = previewChosen
    this.state = new Store<LayoutState>({
      sizes: { side, terminal, preview },
      hidden: hidden.filter((part): part is Part => part in LIMITS),
      pane: 'editor',
      sideView,
    })
    this.state.subscribe(() => this.#remember())
  }

  resize(part: Part, size: number): void {
    const { least, most } = LIMITS[part]
    const next = Math.round(Math.min(most, Math.max(least, size)))
    this.state.update((state) => ({ ...state, sizes: { ...state.sizes, [part]: next } }))
  }

  toggle(part: Part): void {
    if (part === 'preview') this.#previewChosen = true
    this.#set(part, this.state.get().hidden.includes(part))
  }

  show(part: Part): void {
    this.#set(part, true)
  }

  /** Shows one of the side bar's views; on a phone it fills the screen. */
  showSideView(id: string): void {
    this.show('side')
    this.state.update((state) => ({ ...state, sideView: id, pane: 'files' }))
  }

  /** A port listens, or there is none: only while the person has not chosen. */
  suggestPreview(shown: boolean): void {
    if (!this.#previewChosen) this.#set('preview', shown)
  }

  showPane(pane: Pane): void {
    this.state.update((state) => ({ ...state, pane }))
  }

  #set(part: Part, shown: boolean): void {
    this.state.update((state) => {
      if (state.hidden.includes(part) === !shown) return state
      return { ...state, hidden: shown ? state.hidden.filter((other) => other !== part) : [...state.hidden, part] }
    })
  }

  #remember(): void {
    const { sizes, hidden, sideView } = this.state.get()
    const layout: Memory['layout'] = { ...sizes, hidden: [...hidden], previewChosen: this.#previewChosen, sideView }
    this.#memory.remember({ layout })
  }
}
