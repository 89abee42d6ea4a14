/** A keyboard takes at least this much of the page's height. */
const LEAST_PX = 140

/**
 * A phone's keyboard covers the page (Safari) or makes it lower (Chromium): says to the style sheets how high the part in
 * sight is, and that the bars are to make room.
 */
export function watchSoftKeyboard(window: Window): void {
  const { visualViewport: view, document } = window
  const coarse = window.matchMedia('(pointer: coarse)')
  if (!view || !coarse.matches) return
  const root = document.documentElement
  /** The most that was seen at this width: without a keyboard. */
  let tallest = { width: view.width, height: view.height }
  const look = () => {
    // Zoomed in by fingers: nothing is said about a keyboard.
    if (view.scale > 1.05) return
    if (view.width !== tallest.width) tallest = { width: view.width, height: view.height }
    tallest.height = Math.max(tallest.height, view.height)
    const covered = window.innerHeight - view.height
    if (covered > LEAST_PX) root.style.setProperty('--view-height', `${view.height}px`)
    else root.style.removeProperty('--view-height')
    if (tallest.height - view.height > LEAST_PX && isTyping(document.activeElement)) root.dataset.keyboard = ''
    else delete root.dataset.keyboard
    // Safari moves the page up by what it thinks is needed; the page has made room by itself.
    if (covered > LEAST_PX) window.scrollTo(0, 0)
  }
  view.addEventListener('resize', look)
  view.addEventListener('scroll', look)
  document.addEventListener('focusin', look)
  document.addEventListener('focusout', look)
}

function isTyping(element: Element | null): boolean {
  return element instanceof HTMLElement && (element.isContentEditable || element.matches('input, textarea, select'))
}
