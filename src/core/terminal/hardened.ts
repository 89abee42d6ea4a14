interface InsideLine {
  isWrapped: boolean
  resize(cols: number, fill: unknown): boolean
}

interface InsideBuffer {
  x: number
  y: number
  ybase: number
  savedX: number
  savedY: number
  savedCurAttrData: { fg: number; bg: number }
  savedCharset: unknown
  tabs: Record<number, boolean>
  lines: { length: number; get(index: number): InsideLine | undefined }
  getNullCell(): unknown
  clear(): void
}

interface Inside {
  cols: number
  rows: number
  clear(): void
  buffers: {
    active: InsideBuffer
    normal: InsideBuffer
    alt: InsideBuffer
    resize(cols: number, rows: number): void
    activateNormalBuffer(): void
  }
  _inputHandler: {
    parse(data: string | Uint8Array, asyncResult?: boolean): unknown
    _parser: {
      reset(): void
      registerCsiHandler(
        id: { prefix?: string; final: string },
        handler: (params: { params: Int32Array }) => boolean,
      ): unknown
      registerEscHandler(id: { final: string }, handler: () => boolean): unknown
    }
  }
}

/**
 * Keeps xterm.js alive whatever a program writes: version 6 throws at some sequences, inside of a timer, and from then on
 * draws nothing more. To be called for a terminal in the worker as well as for one in a page, so that they stay alike.
 */
export function harden(terminal: object, failed: (error: unknown) => void): void {
  const inside = (terminal as unknown as { _core: Inside })._core
  const input = inside._inputHandler
  // Erasing up to the last column of the last row looks at the row below it. It is the same as erasing the screen.
  for (const id of [{ final: 'J' }, { prefix: '?', final: 'J' }]) {
    input._parser.registerCsiHandler(id, ({ params }) => {
      const { x, y } = inside.buffers.active
      if (params[0] === 1 && y >= inside.rows - 1 && x >= inside.cols - 1) params[0] = 2
      if (params[0] === 3) forgetScrollback(inside)
      return false
    })
  }
  beginsAnew(inside)
  leavesNothing(inside)
  resizeWithin(inside)
  const parse = input.parse.bind(input)
  input.parse = (data, asyncResult) => {
    try {
      return parse(data, asyncResult)
    } catch (error) {
      input._parser.reset()
      failed(error)
      return undefined
    }
  }
}

/**
 * Where the line before the first one was scrolled away, that goes on from none; once a line is put in above it, it would seem
 * to go on from that one.
 */
function beginsAnew({ buffers, _inputHandler }: Inside): void {
  const begin = () => {
    beginsWith(buffers.active.lines.get(0))
    return false
  }
  for (const final of ['L', 'T', '^']) _inputHandler._parser.registerCsiHandler({ final }, begin)
  _inputHandler._parser.registerEscHandler({ final: 'M' }, begin)
}

/** A cursor saved on the alternate screen is forgotten with that: no output saves one on a screen that is not shown. */
function leavesNothing({ buffers }: Inside): void {
  const activateNormal = buffers.activateNormalBuffer.bind(buffers)
  buffers.activateNormalBuffer = () => {
    activateNormal()
    const { alt } = buffers
    Object.assign(alt, { savedX: 0, savedY: 0, savedCharset: undefined })
    Object.assign(alt.savedCurAttrData, { fg: 0, bg: 0 })
  }
}

/** When the lines above go, a cursor saved stays where it is on the screen, and the first line goes on from none. */
function forgetScrollback({ buffers: { active }, rows }: Inside): void {
  const gone = Math.max(0, active.lines.length - rows)
  active.savedY = Math.max(0, active.savedY - gone)
  beginsWith(active.lines.get(gone))
}

function beginsWith(line: InsideLine | undefined): void {
  if (line) line.isWrapped = false
}

/**
 * A new size leaves things outside of the screen that later come back: cursors saved there, tab stops, and columns of the
 * alternate screen, which has none to scroll to. No output could bring them to another terminal, so they are forgotten.
 */
function resizeWithin(inside: Inside): void {
  const { buffers } = inside
  const resize = buffers.resize.bind(buffers)
  let { cols: before, rows: rowsBefore } = inside
  const clear = inside.clear.bind(inside)
  inside.clear = () => {
    clear()
    keepWithin(buffers, inside.cols, inside.rows)
  }
  buffers.resize = (cols, rows) => {
    keepWithin(buffers, before, rowsBefore)
    resize(cols, rows)
    keepWithin(buffers, cols, rows)
    before = cols
    rowsBefore = rows
  }
}

function keepWithin({ active, normal, alt }: Inside['buffers'], cols: number, rows: number): void {
  for (const buffer of [normal, alt]) {
    buffer.savedX = Math.min(buffer.savedX, cols - 1)
    buffer.savedY = Math.min(buffer.savedY, buffer.ybase + rows - 1)
    beginsWith(buffer.lines.get(0))
    for (const column of Object.keys(buffer.tabs)) if (Number(column) >= cols) delete buffer.tabs[Number(column)]
  }
  // While it is not shown it keeps room for more lines than it has rows, and would scroll back.
  if (active !== alt) alt.clear()
  else for (let row = 0; row < alt.lines.length; row++) alt.lines.get(row)?.resize(cols, alt.getNullCell())
}
