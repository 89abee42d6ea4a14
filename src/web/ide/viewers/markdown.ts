import DOMPurify from 'dompurify'
import { marked } from 'marked'
import { fileAddress } from '../files/file-addresses.ts'
import { joinPath, parentOf } from '../files/paths.ts'

/** Nothing of it may look or act like a part of the page: no styles, no names, no forms, no frames. */
const allowed = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: ['style', 'form', 'button', 'select', 'textarea', 'dialog', 'audio', 'video', 'source', 'picture'],
  FORBID_ATTR: ['style', 'class', 'id', 'name', 'srcset', 'background', 'action', 'tabindex', 'autofocus'],
  RETURN_DOM_FRAGMENT: true as const,
}

/** Markdown as elements that run nothing. Pictures of the project are shown; those of other places are not fetched. */
export function renderMarkdown(text: string, path: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(marked.parse(text, { gfm: true, async: false }), allowed)
  for (const image of fragment.querySelectorAll('img')) {
    const source = image.getAttribute('src') ?? ''
    const target = /^data:image\//i.test(source) ? source : linkedAddress(path, source)
    if (target === undefined) image.removeAttribute('src')
    else image.setAttribute('src', target)
    image.setAttribute('loading', 'lazy')
  }
  for (const link of fragment.querySelectorAll('a[href]')) {
    if (!/^(?:https?|mailto):/i.test(link.getAttribute('href') ?? '')) continue
    link.setAttribute('target', '_blank')
    link.setAttribute('rel', 'noopener noreferrer')
  }
  for (const box of fragment.querySelectorAll('input')) {
    if (box.type === 'checkbox') box.disabled = true
    else box.remove()
  }
  return fragment
}

function linkedAddress(path: string, source: string): string | undefined {
  const target = linkedPath(path, source)
  return target === undefined ? undefined : fileAddress(target)
}

/** The file of the project that a link in the file at `path` leads to; undefined when it leads elsewhere. */
export function linkedPath(path: string, href: string): string | undefined {
  if (href === '' || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(href)) return undefined
  let plain = href.replace(/[?#].*$/, '')
  try {
    plain = decodeURIComponent(plain)
  } catch {
    // A percent sign that is only one.
  }
  const parts: string[] = []
  const whole = plain.startsWith('/') ? plain.slice(1) : joinPath(parentOf(path), plain)
  for (const part of whole.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined
    if (part !== '..' && part !== '.' && part !== '') parts.push(part)
  }
  return parts.length === 0 ? undefined : parts.join('/')
}

/** What links to a heading call it. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s+/g, '-')
}
