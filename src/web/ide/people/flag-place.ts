import type { EditorView } from '@codemirror/view'

/** In pixels of the editor's content, as the layers of CodeMirror count them. */
export interface Box {
  left: number
  top: number
  width: number
  height: number
}

export const FLAG_HEIGHT = 16
const GAP = 5
/** As the style sheet says. */
const MAX_WIDTH = 180
/** Of the flag's font, which is no fixed one: rather too much. */
const LETTER_WIDTH = 7.6

export function flagWidth(name: string): number {
  return Math.min(MAX_WIDTH, Math.ceil(name.length * LETTER_WIDTH) + 12)
}

/**
 * Where a name stands beside its cursor without covering text: behind the cursor at the end of a line, else above or
 * below where nothing is written, else behind the end of the line. `taken`: other flags.
 *
 * `caret` in the layer's pixels, `dx` and `dy` what makes them those of the window.
 */
export function placeFlag(
  view: EditorView,
  caret: Box,
  offset: { dx: number; dy: number },
  width: number,
  taken: readonly Box[],
): Box {
  const row = caret.top + caret.height / 2
  const beside = { left: caret.left + GAP, top: row - FLAG_HEIGHT / 2, width, height: FLAG_HEIGHT }
  const above = { ...beside, left: caret.left, top: caret.top - FLAG_HEIGHT }
  const below = { ...beside, left: caret.left, top: caret.top + caret.height }
  const edge = view.scrollDOM.clientWidth + view.scrollDOM.scrollLeft
  for (const box of [beside, above, below]) {
    const isInSight = box.left + width < edge && box.top + offset.dy >= view.scrollDOM.getBoundingClientRect().top
    const isFree = isBlank(view, box.left + offset.dx, box.top + FLAG_HEIGHT / 2 + offset.dy)
    if (isInSight && isFree && !taken.some((other) => overlap(box, other))) return box
  }
  const end = rowEnd(view, caret.left + offset.dx, row + offset.dy)
  let left = (end === undefined ? caret.left : end - offset.dx) + 2 * GAP
  for (const other of taken) if (overlap({ ...beside, left }, other)) left = other.left + other.width + GAP
  return { ...beside, left }
}

/** Whether nothing is written from `x` on in the row at `y`. */
function isBlank(view: EditorView, x: number, y: number): boolean {
  const end = rowEnd(view, x, y)
  return end === undefined || end <= x
}

/** The window's x of the end of what is written at or behind `x` in the row at `y`; undefined where there is no row. */
function rowEnd(view: EditorView, x: number, y: number): number | undefined {
  const block = view.lineBlockAtHeight(y - view.documentTop)
  if (y < view.documentTop || y > view.documentTop + view.contentHeight || block.length === 0) return undefined
  // The last place of the row: a row of a wrapped line ends where the next one begins.
  const last = view.posAtCoords({ x: x + 10_000, y }, false)
  return view.coordsAtPos(last, -1)?.right
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < other.left + other.width &&
    other.left < one.left + one.width &&
    one.top < other.top + other.height &&
    other.top < one.top + one.height
  )
}
