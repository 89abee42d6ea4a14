import type { CompletionItem, CompletionList, Position } from 'vscode-languageserver-protocol'

/** A server may know 10,000 names; nobody reads them, and they would have to travel. */
const MOST_ITEMS = 400

/**
 * A server's answer as a list that is not longer than it need be: only what can still be meant by the letters before the
 * cursor, the likeliest first. What was left out is told by `isIncomplete`.
 */
export function completionList(result: unknown, text: string, at: Position): CompletionList {
  const list = (Array.isArray(result) ? { items: result } : result) as Partial<CompletionList> | null
  const items = Array.isArray(list?.items) ? list.items.filter((item) => typeof item?.label === 'string') : []
  const isIncomplete = list?.isIncomplete === true
  const defaults = list?.itemDefaults === undefined ? {} : { itemDefaults: list.itemDefaults }
  if (items.length <= MOST_ITEMS) return { ...defaults, isIncomplete, items }
  const typed = /[\p{L}\p{N}_$]*$/u.exec(lineBefore(text, at))?.[0].toLowerCase() ?? ''
  const possible = items.filter((item) => isWithin(typed, (item.filterText ?? item.label).toLowerCase()))
  const order = (item: CompletionItem) => item.sortText ?? item.label
  const begins = (item: CompletionItem) => (item.filterText ?? item.label).toLowerCase().startsWith(typed)
  possible.sort((a, b) => Number(begins(b)) - Number(begins(a)) || (order(a) < order(b) ? -1 : 1))
  return {
    ...defaults,
    isIncomplete: isIncomplete || possible.length > MOST_ITEMS,
    items: possible.slice(0, MOST_ITEMS),
  }
}

function lineBefore(text: string, { line, character }: Position): string {
  let begin = 0
  for (let count = 0; count < line; count++) {
    const end = text.indexOf('\n', begin)
    if (end < 0) return ''
    begin = end + 1
  }
  return text.slice(begin, begin + character)
}

/** Whether the letters come in this order. */
function isWithin(letters: string, name: string): boolean {
  let at = 0
  for (const letter of letters) {
    at = name.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}
