import { type Marks, maskOf, matchPath, parseQuery, queryMask, scorePath } from '../palette/fuzzy.ts'

export interface FoundPath {
  path: string
  marks: Marks
}

/** Paths to be found by parts of them: 50,000 in some milliseconds, and less for each letter that is added. */
export class PathIndex {
  readonly #paths: string[] = []
  readonly #lower: string[] = []
  readonly #masks: number[] = []
  /** What matched the last text; a longer one matches no other. */
  #last: { text: string; known: number; places: number[] } = { text: '', known: 0, places: [] }

  get size(): number {
    return this.#paths.length
  }

  add(paths: readonly string[]): void {
    for (const path of paths) {
      const lower = path.toLowerCase()
      this.#paths.push(path)
      this.#lower.push(lower)
      this.#masks.push(maskOf(lower))
    }
  }

  /** The best `limit` paths, best first; for no text those that are least deep. `matching`: how many there are in all. */
  find(text: string, limit: number): { found: FoundPath[]; matching: number } {
    const query = parseQuery(text)
    const mask = queryMask(query)
    const isEmpty = query.pieces.length === 0
    const best = new Best(limit, (a, b) => this.#compare(a, b))
    const places: number[] = []
    const { last, rest } = this.#candidates(text)
    const look = (place: number) => {
      if (((this.#masks[place] ?? 0) & mask) !== mask) return
      const path = this.#paths[place] ?? ''
      const score = isEmpty ? -depthOf(path) : scorePath(query, path, this.#lower[place] ?? '')
      if (score === 0 && !isEmpty) return
      places.push(place)
      best.add({ place, score })
    }
    for (const place of last) look(place)
    for (let place = rest; place < this.#paths.length; place++) look(place)
    this.#last = { text, known: this.#paths.length, places }
    const found = best.all().map(({ place }) => {
      const path = this.#paths[place] ?? ''
      return { path, marks: matchPath(query, path)?.marks ?? [] }
    })
    return { found, matching: places.length }
  }

  /** Those that matched before, if the text has only grown, and from where on all are new. */
  #candidates(text: string): { last: readonly number[]; rest: number } {
    const { text: before, known, places } = this.#last
    return known > 0 && text.startsWith(before) ? { last: places, rest: known } : { last: [], rest: 0 }
  }

  #compare(a: Scored, b: Scored): number {
    if (a.score !== b.score) return b.score - a.score
    const [left, right] = [this.#paths[a.place] ?? '', this.#paths[b.place] ?? '']
    return left.length - right.length || (left < right ? -1 : 1)
  }
}

interface Scored {
  place: number
  score: number
}

/** Keeps the best few of many. */
class Best {
  readonly #limit: number
  readonly #compare: (a: Scored, b: Scored) => number
  #kept: Scored[] = []
  #worst: Scored | undefined

  constructor(limit: number, compare: (a: Scored, b: Scored) => number) {
    this.#limit = limit
    this.#compare = compare
  }

  add(scored: Scored): void {
    if (this.#worst && this.#compare(scored, this.#worst) > 0) return
    this.#kept.push(scored)
    if (this.#kept.length >= this.#limit * 4) this.#cut()
  }

  all(): Scored[] {
    this.#cut()
    return this.#kept
  }

  #cut(): void {
    this.#kept.sort(this.#compare)
    this.#kept.length = Math.min(this.#kept.length, this.#limit)
    if (this.#kept.length === this.#limit) this.#worst = this.#kept.at(-1)
  }
}

function depthOf(path: string): number {
  let depth = 0
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth++
  return depth
}
