/** Which characters of a text matched: [from, to, from, to, ...], ascending and apart from each other. */
export type Marks = readonly number[]

/** What a person typed, taken apart once for many texts. Pieces are separated by spaces; all of them must match. */
export interface Query {
  readonly pieces: readonly Piece[]
}

interface Piece {
  readonly text: string
  readonly lower: string
  readonly mask: number
  /** Has a `/`: it means the path, not the name alone. */
  readonly isPath: boolean
}

export interface Match {
  /** Higher is better. Zero for an empty query. */
  score: number
  marks: Marks
}

/** Longer texts are compared up to here only. */
const MOST_CHARS = 1_024
const NAME_PREFIX = 1 << 17
const NAME = 1 << 16

export function parseQuery(text: string): Query {
  const pieces = text
    .replaceAll('\\', '/')
    .split(' ')
    .filter((piece) => piece !== '' && piece !== '/')
  return {
    pieces: pieces.map((piece) => {
      const lower = piece.toLowerCase()
      return { text: piece, lower, mask: maskOf(lower), isPath: piece.includes('/') }
    }),
  }
}

/** A bit for each kind of character in a text in lower case: one that lacks a bit of the query cannot match. */
export function maskOf(lower: string): number {
  let mask = 0
  for (let at = 0; at < lower.length; at++) {
    const code = lower.charCodeAt(at)
    if (code >= 97 && code <= 122) mask |= 1 << (code - 97)
    else if (code >= 48 && code <= 57) mask |= 1 << 26
    else if (code === 47) mask |= 1 << 27
    else if (code === 46) mask |= 1 << 28
    else if (code === 45 || code === 95) mask |= 1 << 29
    else mask |= 1 << 30
  }
  return mask
}

export function queryMask({ pieces }: Query): number {
  return pieces.reduce((mask, piece) => mask | piece.mask, 0)
}

/** Matches a text as a whole, like the name of a symbol. */
export function matchText(query: Query, text: string): Match | undefined {
  const lower = text.toLowerCase()
  return matchAll(query, (piece, marks) => score(piece, text, lower, 0, marks))
}

/**
 * Matches a path: in its name if that can be, which counts far more, else anywhere in it. A name that begins with what
 * was typed counts most, the more of it was typed.
 */
export function matchPath(query: Query, path: string): Match | undefined {
  const lower = path.toLowerCase()
  return matchAll(query, (piece, marks) => scoreInPath(piece, path, lower, marks))
}

/** The score alone, 0 for no match: for many paths, of which few are shown. */
export function scorePath({ pieces }: Query, path: string, lower: string): number {
  let total = 0
  for (const piece of pieces) {
    const scored = scoreInPath(piece, path, lower, undefined)
    if (scored === 0) return 0
    total += scored
  }
  return total
}

function scoreInPath(piece: Piece, path: string, lower: string, marks: number[] | undefined): number {
  const name = path.lastIndexOf('/') + 1
  if (!piece.isPath) {
    const inName = score(piece, path, lower, name, marks)
    if (inName > 0) {
      if (!lower.startsWith(piece.lower, name)) return NAME + inName
      return NAME_PREFIX + inName + Math.round((piece.lower.length / (path.length - name)) * 100)
    }
    if (name === 0) return 0
  }
  return score(piece, path, lower, 0, marks)
}

function matchAll(query: Query, scoreOf: (piece: Piece, marks: number[]) => number): Match | undefined {
  let total = 0
  const marks: number[] = []
  for (const piece of query.pieces) {
    const scored = scoreOf(piece, marks)
    if (scored === 0) return undefined
    total += scored
  }
  return { score: total, marks: query.pieces.length > 1 ? merged(marks) : marks }
}

/** Scores and lengths of runs of each prefix of the piece at each place of the text; used again for every text. */
let scores = new Int32Array(64 * MOST_CHARS)
let runs = new Int32Array(64 * MOST_CHARS)

/**
 * How well the piece matches as a subsequence of `text` from `start`; 0 when it does not. Adds its places to `marks`.
 * The best way is found by dynamic programming: runs count, and beginnings of segments, words and humps.
 */
function score(piece: Piece, text: string, lower: string, start: number, marks: number[] | undefined): number {
  const wanted = piece.lower
  const length = Math.min(text.length, start + MOST_CHARS) - start
  if (!isSubsequence(wanted, lower, start, start + length)) return 0
  if (wanted.length * length > scores.length) {
    scores = new Int32Array(wanted.length * length)
    runs = new Int32Array(wanted.length * length)
  }
  for (let row = 0; row < wanted.length; row++) {
    const char = wanted.charCodeAt(row)
    for (let column = 0; column < length; column++) {
      const here = row * length + column
      const left = column > 0 ? (scores[here - 1] ?? 0) : 0
      const diagonal = row > 0 && column > 0 ? (scores[here - length - 1] ?? 0) : 0
      const at = start + column
      if ((row > 0 && diagonal === 0) || lower.charCodeAt(at) !== char) {
        scores[here] = left
        runs[here] = 0
        continue
      }
      const run = row > 0 && column > 0 ? (runs[here - length - 1] ?? 0) : 0
      const scored = diagonal + scoreOfChar(piece.text.charCodeAt(row), text, at, start, run)
      if (scored >= left) {
        scores[here] = scored
        runs[here] = run + 1
      } else {
        scores[here] = left
        runs[here] = 0
      }
    }
  }
  const best = scores[wanted.length * length - 1] ?? 0
  if (best > 0 && marks) addMarks(wanted.length, length, start, marks)
  return best
}

/** `run`: how many characters before it match without a gap. */
function scoreOfChar(typed: number, text: string, at: number, start: number, run: number): number {
  const char = text.charCodeAt(at)
  let scored = 1
  if (run > 0) scored += Math.min(run, 3) * 6 + Math.max(0, run - 3) * 3
  if (char === typed) scored += 1
  if (at === start) return scored + 8
  const before = text.charCodeAt(at - 1)
  if (before === 47) scored += 5
  else if (isSeparator(before)) scored += 4
  else if (run === 0 && isUpper(char) && !isUpper(before)) scored += 2
  return scored
}

/** Goes back through the table the way the best score came. */
function addMarks(rows: number, length: number, start: number, marks: number[]): void {
  const places: number[] = []
  let row = rows - 1
  let column = length - 1
  while (row >= 0 && column >= 0) {
    if ((runs[row * length + column] ?? 0) > 0) {
      places.push(start + column)
      row--
    }
    column--
  }
  for (const place of places.reverse()) {
    if (marks.at(-1) === place) marks[marks.length - 1] = place + 1
    else marks.push(place, place + 1)
  }
}

function merged(marks: readonly number[]): number[] {
  const pairs: [number, number][] = []
  for (let at = 0; at < marks.length; at += 2) pairs.push([marks[at] ?? 0, marks[at + 1] ?? 0])
  pairs.sort(([a], [b]) => a - b)
  const result: number[] = []
  for (const [from, to] of pairs) {
    const last = result.at(-1)
    if (last !== undefined && from <= last) result[result.length - 1] = Math.max(last, to)
    else result.push(from, to)
  }
  return result
}

function isSubsequence(wanted: string, lower: string, from: number, to: number): boolean {
  let at = from
  for (let row = 0; row < wanted.length; row++) {
    at = lower.indexOf(wanted[row] ?? '', at)
    if (at < 0 || at >= to) return false
    at++
  }
  return true
}

function isSeparator(code: number): boolean {
  // _ - . space ' " : ( [ <
  return code === 95 || code === 45 || code === 46 || code === 32 || code === 39 || code === 34 || code === 58
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90
}

/**
 * Matches words by their beginnings, as titles of commands are found: each typed character goes on with a run or begins
 * a word. Letters scattered over a title are no match.
 */
export function matchWords(query: Query, text: string): Match | undefined {
  const lower = text.toLowerCase()
  const isStart = (at: number) => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? ' ')
  return matchAll(query, ({ lower: wanted }, marks) => {
    const whole = lower.indexOf(wanted)
    if (whole >= 0 && (isStart(whole) || wanted.length > 1)) {
      marks.push(whole, whole + wanted.length)
      return 100 + wanted.length * 4 + (whole === 0 ? 60 : isStart(whole) ? 30 : 0) - Math.min(20, text.length / 5)
    }
    const places = wordPlaces(wanted, lower, isStart)
    if (!places) return 0
    for (const place of places) {
      if (marks.at(-1) === place) marks[marks.length - 1] = place + 1
      else marks.push(place, place + 1)
    }
    return Math.max(1, 50 + wanted.length * 2 - text.length / 5)
  })
}

function wordPlaces(wanted: string, lower: string, isStart: (at: number) => boolean): number[] | undefined {
  const failed = new Set<number>()
  const from = (row: number, at: number): number[] | undefined => {
    if (row === wanted.length) return []
    const key = row * (lower.length + 1) + at
    if (failed.has(key)) return undefined
    // Goes on with the run first; else a later word.
    for (let place = at; place < lower.length; place++) {
      if (lower[place] !== wanted[row] || !((row > 0 && place === at) || isStart(place))) continue
      const rest = from(row + 1, place + 1)
      if (rest) return [place, ...rest]
    }
    failed.add(key)
    return undefined
  }
  return from(0, 0)
}
