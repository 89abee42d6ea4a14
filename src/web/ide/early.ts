/**
 * Run inside index.html, before the page's code has come: what need not wait for it. Bundled into the page by
 * vite.config.mjs; each line of it is sent with every visit.
 */
import { keptDocument, openDatabase } from './documents/database.ts'
import type { EarlyParts } from './early-parts.ts'
import { makeSocket } from './wire/socket.ts'

function begin(): EarlyParts {
  const parts: EarlyParts = { socket: makeSocket(true) }
  try {
    parts.database = openDatabase(indexedDB)
  } catch {
    // The browser forbids storage; the page tries again and says what follows.
    return parts
  }
  parts.database.catch(() => undefined)
  const path = read('omega.ide').tabs?.active
  if (typeof path === 'string') {
    const kept = parts.database.then((database) => keptDocument(database, path))
    kept.catch(() => undefined)
    parts.document = { path, kept }
  }
  return parts
}

function read(key: string) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '') ?? {}
  } catch {
    return {}
  }
}

/** The look this browser remembers, as frame/look.ts and shared/theme.ts say it. */
function look(): void {
  const { settings = {} } = read('omega.settings')
  const chosen = (name: string) => settings[name]?.value ?? undefined
  const is = (query: string) => matchMedia(query).matches
  const { dataset, style } = document.documentElement
  const theme = chosen('theme') ?? 'system'
  const contrast = is('(prefers-contrast: more)') ? 'contrast-' : ''
  const scheme = is('(prefers-color-scheme: dark)') ? 'dark' : 'light'
  dataset.theme = theme === 'system' ? contrast + scheme : theme
  const motion = chosen('motion') ?? 'system'
  if (motion === 'reduced' || (motion === 'system' && is('(prefers-reduced-motion: reduce)'))) {
    dataset.motion = 'reduced'
  }
  dataset.side = chosen('sideBarSide') ?? 'left'
  const tall = is('(max-width: 1023px) and (orientation: portrait)')
  dataset.preview = tall ? 'bottom' : (chosen('previewSide') ?? 'right')
  style.setProperty('--code-size', `${chosen('editorFontSize') ?? 13}px`)
  const { layout = {} } = read('omega.ide')
  const hidden: unknown[] = Array.isArray(layout.hidden) ? layout.hidden : []
  const sizes = { side: '--side', panel: '--panel-height', preview: '--preview' }
  for (const [part, variable] of Object.entries(sizes)) {
    if (hidden.includes(part)) style.setProperty(variable, '0px')
    else if (layout[part] > 0) style.setProperty(variable, `${layout[part]}px`)
  }
  dataset.hidden = hidden.join(' ')
  if (layout.maximised) dataset.maximised = layout.maximised
  // iOS would zoom in on every field with letters below 16 pixels, and does not mind fingers that zoom.
  const viewport = document.querySelector<HTMLMetaElement>('meta[name=viewport]')
  if (viewport && /iP(?:hone|ad|od)|Macintosh.*Mobile/.test(navigator.userAgent)) {
    viewport.content += ', maximum-scale=1'
  }
}

look()
window.omegaEarly = begin()
