/**
 * Where a script goes that shall run before all others of an HTML document and, once it has taken itself away, leave the
 * document as it would have been: behind the start tag of `head`; where that is left out, before whatever comes first in
 * it. `text` is the document's beginning, a character for each byte. `more` of it may be needed to know.
 */
export function scriptPlace(text: string): number | 'more' {
  let at = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0
  for (let inHtml = false; ; ) {
    while (/[\t\n\f\r ]/.test(text[at] ?? '')) at++
    const rest = text.slice(at)
    if (['<!--', '<html>', '<head>'].some((start) => rest !== start && start.startsWith(rest.toLowerCase())))
      return 'more'
    const isHead = isTag(rest, 'head')
    if (!isHead && !/^<[!?]/.test(rest) && (inHtml || !isTag(rest, 'html'))) return at
    inHtml ||= isTag(rest, 'html')
    const end = rest.startsWith('<!--') ? endOf(rest, '-->', 2) : /^<[!?]/.test(rest) ? endOf(rest, '>') : tagEnd(rest)
    if (end === undefined) return 'more'
    at += end
    if (isHead) return at
  }
}

function isTag(text: string, name: string): boolean {
  return new RegExp(`^<${name}[\\t\\n\\f\\r />]`, 'i').test(text)
}

function endOf(text: string, end: string, from = 0): number | undefined {
  const at = text.indexOf(end, from)
  return at < 0 ? undefined : at + end.length
}

/** A start tag's attributes may hold `>` in quotes. */
function tagEnd(text: string): number | undefined {
  return /^<[^\s/>]+(?:[^"'>]|"[^"]*"|'[^']*')*>/.exec(text)?.[0].length
}
