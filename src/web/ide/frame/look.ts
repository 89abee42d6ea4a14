import type { Settings } from '../../../core/settings.ts'
import type { LayoutState, Part } from './layout.ts'

/** The variable that holds a part's size. */
const variables: Record<Part, string> = { side: '--side', panel: '--panel-height', preview: '--preview' }

const LESS_MOTION = '(prefers-reduced-motion: reduce)'
/** A tablet held upright has no room for a preview beside the editor. */
const TALL = '(max-width: 1023px) and (orientation: portrait)'

/** What changes the look besides layout and settings. */
export const lookQueries = [LESS_MOTION, TALL]

/** The element all styles hang from, `html`. */
type Root = Pick<HTMLElement, 'dataset' | 'style'>

/**
 * Says to the style sheets how the page is laid out. early.ts says the same before the first paint, from
 * what the browser remembers: both must agree.
 */
export function showLayout(root: Root, { sizes, hidden, maximised, zen }: LayoutState): void {
  for (const [part, variable] of Object.entries(variables) as [Part, string][]) {
    const size = hidden.includes(part) ? '0px' : sizes[part] > 0 ? `${sizes[part]}px` : ''
    root.style.setProperty(variable, size)
  }
  root.dataset.hidden = hidden.join(' ')
  mark(root, 'maximised', zen ? undefined : maximised)
  mark(root, 'zen', zen ? '' : undefined)
}

/** The same of what a person has chosen, apart from the colours (ShownTheme). `is`: whether a media query fits. */
export function showSettings(root: Root, settings: Settings, is: (query: string) => boolean): void {
  const { motion, sideBarSide, previewSide, editorFontFamily, editorFontSize, editorLineHeight } = settings
  const reduced = motion === 'reduced' || (motion === 'system' && is(LESS_MOTION))
  mark(root, 'motion', reduced ? 'reduced' : undefined)
  root.dataset.side = sideBarSide
  root.dataset.preview = previewSide === 'bottom' || !is(TALL) ? previewSide : 'bottom'
  root.style.setProperty('--code-font', editorFontFamily === '' ? '' : `${editorFontFamily}, var(--mono)`)
  root.style.setProperty('--code-size', `${editorFontSize}px`)
  root.style.setProperty('--code-line', `${editorLineHeight}`)
}

/** A phone draws its own bars in the colour of ours. */
export function showBarColour(document: Document): void {
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--bar')
  for (const meta of document.querySelectorAll('meta[name=theme-color]')) meta.setAttribute('content', colour)
}

function mark(root: Root, name: string, value: string | undefined): void {
  if (value === undefined) delete root.dataset[name]
  else root.dataset[name] = value
}
