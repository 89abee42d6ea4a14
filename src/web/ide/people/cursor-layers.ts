import { EditorSelection, type Extension, StateEffect } from '@codemirror/state'
import { EditorView, type LayerMarker, layer, RectangleMarker, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { PersonHere } from '../../../core/wire/operations/people.ts'
import type { Store } from '../../shared/store.ts'
import { onOthersMove, othersIn, type PersonCursor, shownContent } from './cursors.ts'
import { type Box, flagWidth, placeFlag } from './flag-place.ts'

/** The others have moved, or are called differently. */
const moved = StateEffect.define<null>()

type FindPerson = (id: string) => PersonHere | undefined

/** A cursor of somebody else with its name. */
class CursorMarker implements LayerMarker {
  readonly #box: Box
  readonly #flag: Box
  readonly #person: PersonHere
  readonly #stamp: string

  constructor(box: Box, flag: Box, person: PersonHere, stamp: string) {
    this.#box = box
    this.#flag = flag
    this.#person = person
    this.#stamp = stamp
  }

  eq(other: CursorMarker): boolean {
    return this.#text === other.#text
  }

  draw(): HTMLElement {
    const caret = document.createElement('div')
    const flag = caret.appendChild(document.createElement('span'))
    flag.className = 'cm-personFlag'
    this.#show(caret, flag, true)
    return caret
  }

  update(caret: HTMLElement, before: CursorMarker): boolean {
    const flag = caret.firstElementChild
    if (before.#person.id !== this.#person.id || !(flag instanceof HTMLElement)) return false
    this.#show(caret, flag, before.#stamp !== this.#stamp)
    return true
  }

  get #text(): string {
    const { id, name, colour, away } = this.#person
    return JSON.stringify([this.#box, this.#flag, this.#stamp, id, name, colour, away])
  }

  #show(caret: HTMLElement, flag: HTMLElement, hasMoved: boolean): void {
    const { name, colour, away } = this.#person
    caret.className = 'cm-personCursor'
    caret.dataset.person = String(colour)
    caret.dataset.name = name
    caret.toggleAttribute('data-away', away)
    place(caret, this.#box)
    place(flag, { ...this.#flag, left: this.#flag.left - this.#box.left, top: this.#flag.top - this.#box.top })
    flag.textContent = name
    // Each movement shows the name again, for a while.
    if (hasMoved) flag.dataset.turn = flag.dataset.turn === 'odd' ? 'even' : 'odd'
  }
}

/** A selected piece of a line. */
class SelectionMarker implements LayerMarker {
  readonly #piece: RectangleMarker
  readonly #colour: number

  constructor(piece: RectangleMarker, colour: number) {
    this.#piece = piece
    this.#colour = colour
  }

  eq(other: SelectionMarker): boolean {
    return this.#piece.eq(other.#piece) && this.#colour === other.#colour
  }

  draw(): HTMLElement {
    const element = this.#piece.draw()
    element.dataset.person = String(this.#colour)
    return element
  }
}

function place(element: HTMLElement, { left, top, height }: Box): void {
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, height: `${height}px` })
}

function cursorsOf(view: EditorView, find: FindPerson): { person: PersonHere; cursor: PersonCursor }[] {
  const content = view.state.facet(shownContent)
  if (!content) return []
  return othersIn(content).flatMap((cursor) => {
    const person = find(cursor.id)
    return person ? [{ person, cursor }] : []
  })
}

/** The range as far as the view's text goes: what others did may be on its way into it. */
function within(view: EditorView, anchor: number, head: number) {
  const { length } = view.state.doc
  return EditorSelection.range(Math.min(anchor, length), Math.min(head, length))
}

function caretMarkers(view: EditorView, find: FindPerson): CursorMarker[] {
  const taken: Box[] = []
  return cursorsOf(view, find).flatMap(({ person, cursor }) =>
    cursor.ranges.flatMap(({ head }, index) => {
      const at = within(view, head, head)
      const [piece] = RectangleMarker.forRange(view, '', at)
      const coords = view.coordsAtPos(at.head, 1)
      if (!piece || !coords) return []
      const box = { left: piece.left, top: piece.top, width: 2, height: piece.height }
      const offset = { dx: coords.left - piece.left, dy: coords.top - piece.top }
      const flag = placeFlag(view, box, offset, flagWidth(person.name), taken)
      // One name for all cursors of a person.
      if (index === 0) taken.push(flag)
      return index === 0
        ? [new CursorMarker(box, flag, person, cursor.stamp)]
        : [new CursorMarker(box, flag, { ...person, name: '' }, '')]
    }),
  )
}

function selectionMarkers(view: EditorView, find: FindPerson): SelectionMarker[] {
  return cursorsOf(view, find).flatMap(({ person, cursor }) =>
    cursor.ranges
      .filter(({ anchor, head }) => anchor !== head)
      .flatMap(({ anchor, head }) => RectangleMarker.forRange(view, 'cm-personSelection', within(view, anchor, head)))
      .map((piece) => new SelectionMarker(piece, person.colour)),
  )
}

const isMoved = (update: ViewUpdate) =>
  update.docChanged ||
  update.viewportChanged ||
  update.geometryChanged ||
  update.transactions.some(({ effects }) => effects.some((effect) => effect.is(moved)))

/** Draws the cursors, names and selections of the others over and under the text, and touches neither. */
export function cursorLayers(here: Store<readonly PersonHere[]>, find: FindPerson): Extension {
  const listener = ViewPlugin.define((view) => {
    let frame: number | undefined
    const redraw = () => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined
        view.dispatch({ effects: moved.of(null) })
      })
    }
    const content = view.state.facet(shownContent)
    const stops = [here.subscribe(redraw), ...(content ? [onOthersMove(content.awareness, redraw)] : [])]
    redraw()
    return {
      destroy() {
        for (const stop of stops) stop()
        if (frame !== undefined) cancelAnimationFrame(frame)
      },
    }
  })
  return [
    listener,
    layer({
      above: false,
      class: 'cm-personSelections',
      update: isMoved,
      markers: (view) => selectionMarkers(view, find),
    }),
    layer({ above: true, class: 'cm-personCursors', update: isMoved, markers: (view) => caretMarkers(view, find) }),
    EditorView.domEventHandlers({ mousemove: showPointedName }),
  ]
}

/** How near to a cursor one must point. */
const NEAR_PX = 5

/** Pointing at a cursor shows its name again; the layer itself is in nobody's way. */
function showPointedName({ clientX, clientY }: MouseEvent, view: EditorView): void {
  for (const caret of view.dom.querySelectorAll<HTMLElement>('.cm-personCursor')) {
    const { left, top, bottom } = caret.getBoundingClientRect()
    caret.toggleAttribute('data-pointed', Math.abs(clientX - left) < NEAR_PX && clientY >= top && clientY <= bottom)
  }
}
