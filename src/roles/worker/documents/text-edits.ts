import { diffArrays, diffChars } from 'diff'

/** A replacement in the old text. Offsets are UTF-16 units. */
export interface TextEdit {
  from: number
  to: number
  insert: string
}

/** Above so many changed lines, or after so long, the rest is one replacement: right, if coarse. */
const MAX_CHANGED_LINES = 5_000
const MAX_DIFF_MS = 200
/** Changed stretches above this are not compared letter by letter. */
const MAX_FINE_CHARS = 2_000

/**
 * The edits that turn `from` into `to`, in order and apart from each other, as small as can be had quickly: what lies
 * between them keeps its identity, and with it the cursors and edits of others.
 */
export function textEdits(from: string, to: string): TextEdit[] {
  const whole = trimmed({ from: 0, to: from.length, insert: to }, from)
  if (whole.from === whole.to && whole.insert === '') return []
  const changed = from.slice(whole.from, whole.to)
  // In whole lines as far as possible, so that lines are compared with lines.
  const lines = diffArrays(linesOf(changed), linesOf(whole.insert), {
    maxEditLength: MAX_CHANGED_LINES,
    timeout: MAX_DIFF_MS,
  })
  if (!lines) return [whole]
  const coarse = gather(
    whole.from,
    lines.map(({ added, removed, value }) => ({ added, removed, text: value.join('') })),
  )
  return coarse.flatMap((edit) => refine(trimmed(edit, from), from))
}

/** How many characters edits put in and take away. */
export interface Distance {
  inserted: number
  deleted: number
}

/** As few as possible, letter by letter; where that would take long, those of `textEdits`. */
export function distanceBetween(from: string, to: string): Distance {
  const parts = diffChars(from, to, { timeout: MAX_DIFF_MS })
  const distance = { inserted: 0, deleted: 0 }
  for (const { added, removed, count } of parts ?? []) {
    if (added) distance.inserted += count
    if (removed) distance.deleted += count
  }
  if (parts) return distance
  for (const edit of textEdits(from, to)) {
    distance.inserted += edit.insert.length
    distance.deleted += edit.to - edit.from
  }
  return distance
}

/** What is put in weighs more than anything taken away. */
export function isAtMost(one: Distance, other: Distance): boolean {
  return one.inserted === other.inserted ? one.deleted <= other.deleted : one.inserted < other.inserted
}

function refine(edit: TextEdit, text: string): TextEdit[] {
  const old = text.slice(edit.from, edit.to)
  if (old === '' || edit.insert === '' || old.length + edit.insert.length > MAX_FINE_CHARS) return [edit]
  const parts = diffChars(old, edit.insert)
  const fine = gather(
    edit.from,
    parts.map(({ added, removed, value }) => ({ added, removed, text: value })),
  )
  const kept = parts.reduce((sum, { added, removed, value }) => sum + (added || removed ? 0 : value.length), 0)
  // Letters that two different texts happen to share are no common ground.
  return kept * 2 >= Math.min(old.length, edit.insert.length) ? fine : [edit]
}

function gather(start: number, parts: readonly { added: boolean; removed: boolean; text: string }[]): TextEdit[] {
  const edits: TextEdit[] = []
  let at = start
  let open: TextEdit | undefined
  for (const { added, removed, text } of parts) {
    if (!added && !removed) {
      open = undefined
      at += text.length
      continue
    }
    if (!open) {
      open = { from: at, to: at, insert: '' }
      edits.push(open)
    }
    if (added) open.insert += text
    else {
      at += text.length
      open.to = at
    }
  }
  return edits
}

/** Without what is the same at its beginning and end; never between the two halves of a surrogate pair. */
function trimmed({ from, to, insert }: TextEdit, text: string): TextEdit {
  const most = Math.min(to - from, insert.length)
  let start = 0
  while (start < most && text.charCodeAt(from + start) === insert.charCodeAt(start)) start++
  if (isHighSurrogate(insert.charCodeAt(start - 1))) start--
  let end = 0
  while (end < most - start && text.charCodeAt(to - 1 - end) === insert.charCodeAt(insert.length - 1 - end)) end++
  if (isLowSurrogate(insert.charCodeAt(insert.length - end))) end--
  return { from: from + start, to: to - end, insert: insert.slice(start, insert.length - end) }
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? []
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000
}
