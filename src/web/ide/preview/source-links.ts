import type { ScriptFrame } from '../../../core/wire/observed.ts'
import type { Place } from '../../../core/wire/operations/ports.ts'
import { Store } from '../../shared/store.ts'

/** A long log names many places; the worker is asked about a few at a time. */
const MOST_ASKED = 4
const MOST_KEPT = 500

export type Locate = (port: number, script: string, line: number, column: number) => Promise<Place | undefined>

/** Where in the project the places come from that scripts of previews name. */
export class SourceLinks {
  readonly #locate: Locate
  readonly #places = new Map<string, Store<Place | undefined>>()
  readonly #waiting: (() => Promise<void>)[] = []
  #asking = 0

  constructor(locate: Locate) {
    this.#locate = locate
  }

  /** Undefined as long as it is not known, and where it is no place of the project. `origin` is the preview's. */
  placeOf(port: number, origin: string | undefined, { url, line, column }: ScriptFrame): Store<Place | undefined> {
    const key = `${port} ${url} ${line} ${column}`
    const known = this.#places.get(key)
    if (known) return known
    const place = new Store<Place | undefined>(undefined)
    const script = scriptOf(url, origin)
    const [oldest] = this.#places.keys()
    if (this.#places.size >= MOST_KEPT && oldest !== undefined) this.#places.delete(oldest)
    this.#places.set(key, place)
    if (script !== undefined && line > 0 && column > 0) {
      this.#waiting.push(async () => place.set(await this.#locate(port, script, line, column)))
      this.#next()
    }
    return place
  }

  #next(): void {
    if (this.#asking >= MOST_ASKED) return
    const ask = this.#waiting.shift()
    if (!ask) return
    this.#asking++
    const done = () => {
      this.#asking--
      this.#next()
    }
    // Without a connection there is no link; the place is shown as the page named it.
    ask().then(done, done)
  }
}

/** A script of the preview's own host as a path; a name that a bundler gave as it is; undefined for any other host's. */
export function scriptOf(url: string, origin: string | undefined): string | undefined {
  if (origin !== undefined && url.startsWith(`${origin}/`)) return url.slice(origin.length)
  return /^(?:webpack-internal|webpack|turbopack|file):/.test(url) ? url : undefined
}

/** The end of an address, short enough for the end of a line: `App.tsx:12`. */
export function shortPlace({ url, line }: Pick<ScriptFrame, 'url' | 'line'>): string {
  const path = url.replace(/[?#].*$/, '').replace(/\/$/, '')
  return `${path.slice(path.lastIndexOf('/') + 1).slice(-60) || 'page'}:${line}`
}
