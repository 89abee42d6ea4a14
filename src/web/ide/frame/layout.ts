import { Store } from '../../shared/store.ts'
import type { Memory, PageMemory } from './memory.ts'

/** side: the side bar. panel: the views below the editor, terminals among them. */
export type Part = 'side' | 'panel' | 'preview'
/** On a phone one of these fills the screen. */
export type Pane = 'files' | 'editor' | 'panel' | 'preview'

export interface LayoutState {
  /** CSS pixels; 0: the style sheet's own. */
  readonly sizes: Readonly<Record<Part, number>>
  readonly hidden: readonly Part[]
  readonly pane: Pane
  /** Id of the view shown in the side bar. */
  readonly sideView: string
  /** Id of the view shown in the panel. */
  readonly panelView: string
  /** The part that has the editor's place too, until it is given back. */
  readonly maximised: 'panel' | 'preview' | undefined
  /** Nothing but the editor. */
  readonly zen: boolean
}

export const LIMITS: Record<Part, { least: number; most: number }> = {
  side: { least: 140, most: 600 },
  panel: { least: 80, most: 1200 },
  preview: { least: 180, most: 1800 },
}

/** Which parts of the page are shown and how large, remembered over reloads. */
export class Layout {
  readonly state: Store<LayoutState>
  readonly #memory: PageMemory
  #previewChosen: boolean

  constructor(memory: PageMemory) {
    const { side, panel, preview, hidden, previewChosen, sideView, panelView, maximised } = memory.value.layout
    this.#memory = memory
    this.#previewChosen = previewChosen
    this.state = new Store<LayoutState>({
      sizes: { side: sizeOf(side), panel: sizeOf(panel), preview: sizeOf(preview) },
      hidden: hidden.filter((part): part is Part => part in LIMITS),
      pane: 'editor',
      sideView,
      panelView,
      maximised,
      zen: false,
    })
    this.state.subscribe(() => this.#remember())
  }

  /** To so many CSS pixels, within the part's limits; 0 gives it the size it has by itself. */
  resize(part: Part, size: number): void {
    const { least, most } = LIMITS[part]
    const next = size === 0 ? 0 : Math.round(Math.min(most, Math.max(least, size)))
    this.state.update((state) => ({ ...state, sizes: { ...state.sizes, [part]: next } }))
  }

  isShown(part: Part): boolean {
    const { hidden, zen } = this.state.get()
    return !zen && !hidden.includes(part)
  }

  toggle(part: Part): void {
    if (part === 'preview') this.#previewChosen = true
    this.#set(part, !this.isShown(part))
  }

  show(part: Part): void {
    this.#set(part, true)
  }

  /** Shows one of the side bar's views; on a phone it fills the screen. */
  showSideView(id: string): void {
    this.show('side')
    this.state.update((state) => ({ ...state, sideView: id, pane: 'files' }))
  }

  /** Shows one of the panel's views; on a phone it fills the screen. */
  showPanelView(id: string): void {
    this.show('panel')
    this.state.update((state) => ({ ...state, panelView: id, pane: 'panel' }))
  }

  /** Shows one of the panel's views, or hides the panel when it is the one shown. */
  togglePanelView(id: string): void {
    if (this.isShown('panel') && this.state.get().panelView === id) this.toggle('panel')
    else this.showPanelView(id)
  }

  /** A port listens, or there is none: only while the person has not chosen. */
  suggestPreview(shown: boolean): void {
    if (this.#previewChosen) return
    this.state.update((state) => withPart(state, 'preview', shown))
  }

  /** Shows a pane of a phone; the editor's is also seen when something else has its place. */
  showPane(pane: Pane): void {
    this.state.update((state) => ({
      ...state,
      pane,
      maximised: pane === 'editor' ? undefined : state.maximised,
    }))
  }

  /** Gives a part the editor's place too, or gives that back. */
  maximise(part: 'panel' | 'preview'): void {
    const maximised = this.state.get().maximised === part && this.isShown(part) ? undefined : part
    this.#set(part, true)
    this.state.update((state) => ({ ...state, maximised }))
  }

  /** Nothing but the editor, or everything as it was before. */
  toggleZen(): void {
    this.state.update((state) => ({ ...state, zen: !state.zen, maximised: undefined, pane: 'editor' }))
  }

  /** Everything as at first. */
  reset(): void {
    this.#previewChosen = false
    this.state.update((state) => ({
      ...state,
      sizes: { side: 0, panel: 0, preview: 0 },
      hidden: [],
      maximised: undefined,
      zen: false,
    }))
  }

  /** What a person asks to see ends the state in which only the editor is seen. */
  #set(part: Part, shown: boolean): void {
    this.state.update((state) => withPart({ ...state, zen: false }, part, shown))
  }

  #remember(): void {
    const { sizes, hidden, sideView, panelView, maximised } = this.state.get()
    const layout: Memory['layout'] = {
      ...sizes,
      hidden: [...hidden],
      previewChosen: this.#previewChosen,
      sideView,
      panelView,
      maximised,
    }
    this.#memory.remember({ layout })
  }
}

function withPart(state: LayoutState, part: Part, shown: boolean): LayoutState {
  const hidden = state.hidden.filter((other) => other !== part)
  return {
    ...state,
    hidden: shown ? hidden : [...hidden, part],
    maximised: !shown && state.maximised === part ? undefined : state.maximised,
  }
}

/** What a browser remembers may be anything. */
function sizeOf(remembered: number): number {
  return typeof remembered === 'number' && remembered > 0 ? remembered : 0
}
