import { highlightingFor, language as languageFacet } from '@codemirror/language'
import type { EditorView } from '@codemirror/view'
import { highlightCode } from '@lezer/highlight'
import { Marked, type Token, type Tokens } from 'marked'
import type { MarkedString, MarkupContent } from 'vscode-languageserver-protocol'

/**
 * A server's words as elements. Markdown is parsed, but only elements of this list are ever made, all text is text, and
 * links lead to the web only: what a server says, or a library's comments through it, is not to be trusted.
 */
export function drawMarkup(
  content: string | MarkupContent | MarkedString | readonly MarkedString[],
  view: EditorView,
): HTMLElement {
  const element = document.createElement('div')
  element.className = 'language-markup'
  for (const part of Array.isArray(content) ? content : [content]) {
    if (typeof part === 'string') drawTokens(marked.lexer(part), element, view)
    else if ('language' in part) element.append(drawCode(part.value, part.language, view))
    else if (part.kind === 'markdown') drawTokens(marked.lexer(part.value), element, view)
    else element.appendChild(make('p')).textContent = part.value
  }
  return element
}

const marked = new Marked({ gfm: true, breaks: false })
const MAX_DEPTH = 12

function drawTokens(tokens: readonly Token[], parent: Node, view: EditorView, depth = 0): void {
  if (depth > MAX_DEPTH) return
  for (const token of tokens) {
    const node = drawToken(token, view, depth)
    if (node) parent.appendChild(node)
  }
}

function drawToken(token: Token, view: EditorView, depth: number): Node | undefined {
  const inside = (name: keyof HTMLElementTagNameMap) => {
    const element = make(name)
    drawTokens(('tokens' in token && token.tokens) || [], element, view, depth + 1)
    return element
  }
  switch (token.type) {
    case 'space':
    case 'def':
    case 'image':
      return undefined
    case 'html':
      return text(plain(token.raw))
    case 'code':
      return drawCode(token.text, token.lang, view)
    case 'heading':
      return inside('strong')
    case 'hr':
      return make('hr')
    case 'br':
      return make('br')
    case 'paragraph':
      return inside('p')
    case 'blockquote':
      return inside('blockquote')
    case 'strong':
      return inside('strong')
    case 'em':
      return inside('em')
    case 'del':
      return inside('s')
    case 'codespan':
      return fill(make('code'), token.text)
    case 'link':
      return drawLink(token as Tokens.Link, inside('a') as HTMLAnchorElement)
    case 'list':
      return drawList(token as Tokens.List, view, depth)
    case 'table':
      return drawTable(token as Tokens.Table, view, depth)
    case 'text':
      return 'tokens' in token && token.tokens ? inside('span') : text(unescapeEntities(token.text))
    case 'escape':
      return text(token.text)
    default:
      return text(token.raw)
  }
}

function drawLink({ href }: Tokens.Link, anchor: HTMLAnchorElement): HTMLElement {
  if (!/^https?:\/\//i.test(href)) {
    const span = make('span')
    span.append(...anchor.childNodes)
    return span
  }
  anchor.href = href
  anchor.target = '_blank'
  anchor.rel = 'noopener noreferrer'
  return anchor
}

function drawList({ ordered, items }: Tokens.List, view: EditorView, depth: number): HTMLElement {
  const list = make(ordered ? 'ol' : 'ul')
  for (const item of items) drawTokens(item.tokens, list.appendChild(make('li')), view, depth + 1)
  return list
}

function drawTable({ header, rows }: Tokens.Table, view: EditorView, depth: number): HTMLElement {
  const table = make('table')
  for (const [index, cells] of [header, ...rows].entries()) {
    const row = table.appendChild(make('tr'))
    for (const cell of cells) drawTokens(cell.tokens, row.appendChild(make(index === 0 ? 'th' : 'td')), view, depth + 1)
  }
  return table
}

/** Coloured like the editor's own text when it is of the editor's language. */
function drawCode(code: string, name: string | undefined, view: EditorView): HTMLElement {
  const element = make('pre')
  const own = view.state.facet(languageFacet)
  const isOwn = own && (name === undefined || name === '' || sameLanguage(own.name, name))
  if (!isOwn) return fill(element, code)
  highlightCode(
    code,
    own.parser.parse(code),
    { style: (tags) => highlightingFor(view.state, tags) },
    (part, classes) => {
      const span = element.appendChild(make('span'))
      span.textContent = part
      if (classes !== '') span.className = classes
    },
    () => element.append('\n'),
  )
  return element
}

function sameLanguage(own: string, name: string): boolean {
  const family = (one: string) => (/^(?:javascript|typescript|jsx|tsx|js|ts)/i.test(one) ? 'script' : one.toLowerCase())
  return family(own) === family(name)
}

function plain(html: string): string {
  return html.replace(/<br\s*\/?>/gi, '\n').replace(/<[^>]*>/g, '')
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' }

function unescapeEntities(value: string): string {
  return value.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (all, name: string) => entities[name] ?? all)
}

function make<K extends keyof HTMLElementTagNameMap>(name: K): HTMLElementTagNameMap[K] {
  return document.createElement(name)
}

function text(value: string): Text {
  return document.createTextNode(value)
}

function fill<E extends HTMLElement>(element: E, value: string): E {
  element.textContent = value
  return element
}
