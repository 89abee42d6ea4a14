/**
 * How well `query` matches `text` as a subsequence, or undefined when it does not. Runs, beginnings of words and the
 * last path segment count more; longer texts less. Higher is better.
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  const wanted = query.toLowerCase().replaceAll(' ', '')
  const lower = text.toLowerCase()
  if (wanted === '') return 0
  const slash = text.lastIndexOf('/') + 1
  // A match within the name alone is what people mean; the whole path is the second choice.
  const inName = scoreFrom(wanted, lower, text, slash)
  return inName === undefined ? scoreFrom(wanted, lower, text, 0) : inName + 20
}

function scoreFrom(wanted: string, lower: string, text: string, start: number): number | undefined {
  let score = 0
  let last = -2
  let at = start
  for (const char of wanted) {
    const found = lower.indexOf(char, at)
    if (found < 0) return undefined
    score += 1
    if (found === last + 1) score += 5
    if (found === start || /[/\-_. ]/.test(lower[found - 1] ?? '/') || isUpper(text[found])) score += 4
    last = found
    at = found + 1
  }
  return score - text.length / 50
}

function isUpper(char: string | undefined): boolean {
  return char !== undefined && char !== char.toLowerCase()
}

/** The best `limit` of `items`, best first; all of them in their order for an empty query. */
export function fuzzyFilter<T>(items: readonly T[], query: string, textOf: (item: T) => string, limit: number): T[] {
  if (query.trim() === '') return items.slice(0, limit)
  return items
    .flatMap((item) => {
      const score = fuzzyScore(query, textOf(item))
      return score === undefined ? [] : [{ item, score }]
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ item }) => item)
}
