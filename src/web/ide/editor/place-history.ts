import type { Workspace } from '../workspace.ts'

/** Where somebody was: a line of a file, from 1, and a column in it. */
export interface Visited {
  path: string
  line: number
  column: number
}

const MOST_KEPT = 100
/** Nearer than so many lines is the same place. */
const NEAR_LINES = 10

/** The places a person has been at, to go back to and forth again. */
export class PlaceHistory {
  #places: Visited[] = []
  /** Which of them is the present one. */
  #at = -1

  /** Somebody is here now. What lay ahead is forgotten when it is somewhere else than before. */
  visit(place: Visited): void {
    const now = this.#places[this.#at]
    if (now && now.path === place.path && Math.abs(now.line - place.line) < NEAR_LINES) {
      this.#places[this.#at] = place
      return
    }
    this.#places = [...this.#places.slice(0, this.#at + 1), place].slice(-MOST_KEPT)
    this.#at = this.#places.length - 1
  }

  /** The place before or behind the present one, which it becomes; undefined at the end. */
  step(by: 1 | -1): Visited | undefined {
    const place = this.#places[this.#at + by]
    if (place) this.#at += by
    return place
  }

  /** A file or folder has another name now. */
  renamed(from: string, to: string): void {
    this.#places = this.#places.map((place) => {
      const isMoved = place.path === from || place.path.startsWith(`${from}/`)
      return isMoved ? { ...place, path: to + place.path.slice(from.length) } : place
    })
  }
}

/** After the cursor has come to rest. */
const REST_MS = 150

/** Goes back to where the person came from, as after a look at a definition. */
export function addPlaceHistory(workspace: Workspace): void {
  const { commands, connection, documents, editors, tabs } = workspace
  const history = new PlaceHistory()
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Where the cursor was seen last. */
  let seen: Visited | undefined
  const look = (): Visited | undefined => {
    const path = tabs.activeFile
    const view = path === undefined ? undefined : editors.of(documents.at(path))?.view
    if (path === undefined || !view) return undefined
    const { head } = view.state.selection.main
    const line = view.state.doc.lineAt(head)
    return { path, line: line.number, column: head - line.from + 1 }
  }
  const note = () => {
    clearTimeout(timer)
    if (seen) history.visit(seen)
  }
  const rest = () => {
    clearTimeout(timer)
    timer = setTimeout(note, REST_MS)
  }
  editors.cursor.subscribe(() => {
    const place = look()
    // A jump away does not wait until the cursor has come to rest.
    if (seen && place && seen.path !== place.path) note()
    seen = place ?? seen
    rest()
  })
  connection.on('files.renamed', ({ from, to }) => history.renamed(from, to))
  const go = (by: 1 | -1) => () => {
    seen = look() ?? seen
    note()
    const place = history.step(by)
    if (!place) return
    seen = place
    workspace.openFile(place.path, { line: place.line, column: place.column })
  }
  // On a Mac the Alt key with an arrow goes a word further.
  const isMac = /^Mac/.test(navigator.platform)
  commands.add(
    { id: 'place.back', title: 'Go back', ...(isMac ? {} : { key: 'Alt+ArrowLeft' }), run: go(-1) },
    { id: 'place.forward', title: 'Go forward', ...(isMac ? {} : { key: 'Alt+ArrowRight' }), run: go(1) },
  )
}
