import { Change, diff } from '@codemirror/merge'

/** A comparison that does not see spaces and tabs: the texts are compared without them, and their places looked up. */
export function diffWithoutSpaces(a: string, b: string): readonly Change[] {
  const [left, right] = [squeeze(a), squeeze(b)]
  const changes = diff(left.text, right.text, { scanLimit: 500, timeout: 200 })
  return changes.map(
    ({ fromA, toA, fromB, toB }) =>
      new Change(left.place(fromA), left.end(fromA, toA), right.place(fromB), right.end(fromB, toB)),
  )
}

/** The text without spaces and tabs, and where each of its characters was. */
function squeeze(text: string): {
  text: string
  place: (at: number) => number
  end: (from: number, to: number) => number
} {
  const places: number[] = []
  let kept = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (char === ' ' || char === '\t') continue
    kept += char
    places.push(at)
  }
  const place = (at: number) => places[at] ?? text.length
  // Behind its last character, so that the spaces that follow are no part of it.
  const end = (from: number, to: number) => (to > from ? place(to - 1) + 1 : place(from))
  return { text: kept, place, end }
}
