import type { Terminal } from '@xterm/headless'
import { Pen } from './terminal-pen.ts'
import {
  type Attributes,
  BgFlag,
  type Charset,
  emptyCell,
  type Inside,
  type InsideBuffer,
  type InsideCell,
  type InsideLine,
  insideOf,
  Mask,
} from './xterm-inside.ts'

/** Longer snapshots lose their oldest lines. */
const MAX_SNAPSHOT_CHARS = 4 * 1024 * 1024
/** RIS does not take back these: line feeds that return, and a hidden cursor. */
const RESET = '\x1bc\x1b[20l\x1b[?25h'

export interface SnapshotParts {
  /** Names the character sets: `B` and so on. */
  charsetName: (charset: Charset) => string
  /** Goes where the cursor of the normal screen is on this line of its buffer. */
  marks: (cursorLine: number) => string
  colors: string
}

/**
 * Output that makes a terminal of the same size what this one is: both screens with their scrollback, cursors and tab
 * stops, scroll region, character sets, modes, links and colours. Written to xterm.js it gives the same cells, with their
 * wrapping, so that later output and later sizes have the same effect on both.
 */
export function snapshotOf(terminal: Terminal, { charsetName, marks, colors }: SnapshotParts): string {
  const inside = insideOf(terminal)
  const { normal, alt, active } = inside.buffers
  const painter = new Painter(terminal, inside, charsetName)
  const parts = [RESET, colors, painter.lines(normal), marks(normal.ybase + terminal.rows - 1)]
  if (active === alt) {
    // Its cursor decides what a new size does to a screen that is not shown.
    const cursor = at(normal.y, Math.min(normal.x, terminal.cols - 1))
    parts.push(rest(normal, painter), cursor, '\x1b[?1047h\x1b[H', painter.lines(alt))
  }
  parts.push(rest(active, painter), ending(active, inside, painter, charsetName))
  return parts.join('')
}

/** What a screen has beside its cells, but for its cursor. Ends with the default look, wherever the cursor is. */
function rest(buffer: InsideBuffer, painter: Painter): string {
  const { rows, cols } = painter
  const parts = ['\x1b[?6l']
  const stops = Array.from({ length: cols }, (_, column) => column).filter((column) => buffer.tabs[column])
  if (stops.join() !== defaultStops(cols).join()) {
    parts.push('\x1b[3g', ...stops.map((column) => `\x1b[${column + 1}G\x1bH`))
  }
  if (buffer.scrollTop > 0 || buffer.scrollBottom < rows - 1) {
    parts.push(`\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`)
  }
  const savedRow = Math.min(buffer.savedY - buffer.ybase, rows - 1)
  if (savedRow >= 0) parts.push(painter.saved(buffer, at(savedRow, Math.min(buffer.savedX, cols - 1))))
  return parts.join('')
}

/** Cursor, character sets, the look of what comes next, and the modes, which change what all before them would do. */
function ending(
  buffer: InsideBuffer,
  inside: Inside,
  painter: Painter,
  charsetName: SnapshotParts['charsetName'],
): string {
  const { pen, cols } = painter
  const { modes, decPrivateModes: set, isCursorHidden } = inside.coreService
  const { charset, _charsets: charsets, glevel } = inside._charsetService
  const row = set.origin ? buffer.y - buffer.scrollTop : buffer.y
  const designated = charsets.map((one, index) => (one ? `\x1b${'()*+'[index]}${charsetName(one)}` : ''))
  const sets = [...designated, glevel > 0 ? (['', '\x0e', '\x1bn', '\x1bo'][glevel] ?? '') : '']
  // Restoring a cursor brings its set back without designating it.
  const isRestored = charset !== charsets[glevel]
  // A mark that comes next belongs to the last character, and so does a repetition: then that is printed last.
  const { _curAttrData, _parser } = inside._inputHandler
  const isOpen =
    _parser.precedingJoinState !== 0 && !modes.insertMode && !charset && painter.isLastLike(buffer, _curAttrData)
  const parts = isRestored ? [...sets, '\x1b8\x1b[m'] : []
  parts.push(set.origin ? '\x1b[?6h' : '', at(row, Math.min(buffer.x, cols - 1)))
  if (!isOpen && buffer.x >= cols) parts.push(painter.lastPrinted(buffer, row, false), pen.reset())
  if (!isRestored) parts.push(...sets)
  parts.push(modesOf(modes.insertMode, set), mouseOf(inside.coreMouseService))
  parts.push(painter.options.convertEol ? '\x1b[20h' : '', painter.options.cursorBlink ? '\x1b[?12h' : '\x1b[?12l')
  if (isCursorHidden) parts.push('\x1b[?25l')
  parts.push(pen.as(withLineColor(_curAttrData)), isOpen ? painter.lastPrinted(buffer, row, true) : '')
  return parts.join('')
}

/** The colour of lines is kept while nothing is underlined. */
function withLineColor({ fg, bg, extended }: Attributes): Attributes {
  const isKept = extended.urlId === 0 && extended.underlineColor !== 0
  return { fg, bg: isKept ? bg | BgFlag.extended : bg, extended }
}

function modesOf(insertMode: boolean, set: Inside['coreService']['decPrivateModes']): string {
  const shapes = { block: 1, underline: 3, bar: 5 }
  const shape = set.cursorStyle === undefined ? undefined : shapes[set.cursorStyle] + (set.cursorBlink ? 0 : 1)
  return [
    insertMode && '\x1b[4h',
    set.applicationCursorKeys && '\x1b[?1h',
    set.applicationKeypad && '\x1b[?66h',
    !set.wraparound && '\x1b[?7l',
    set.reverseWraparound && '\x1b[?45h',
    set.sendFocus && '\x1b[?1004h',
    set.bracketedPasteMode && '\x1b[?2004h',
    shape !== undefined && `\x1b[${shape} q`,
    set.synchronizedOutput && '\x1b[?2026h',
  ]
    .filter(Boolean)
    .join('')
}

function mouseOf({ activeProtocol, activeEncoding }: Inside['coreMouseService']): string {
  const protocols: Record<string, number> = { X10: 9, VT200: 1000, DRAG: 1002, ANY: 1003 }
  const encodings: Record<string, number> = { SGR: 1006, SGR_PIXELS: 1016 }
  return [protocols[activeProtocol], encodings[activeEncoding]]
    .flatMap((mode) => (mode === undefined ? [] : [`\x1b[?${mode}h`]))
    .join('')
}

/** Which line is drawn under the text is not saved with a cursor, only whether there is one. */
const savedLook: Attributes['extended'] = { underlineStyle: 1, underlineColor: 0, urlId: 0 }

function at(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`
}

function defaultStops(cols: number): number[] {
  return Array.from({ length: Math.ceil(cols / 8) }, (_, index) => index * 8)
}

/** Draws lines on an empty screen, each with the default look at its beginning and end. */
class Painter {
  readonly pen: Pen
  readonly cols: number
  readonly rows: number
  readonly options: Terminal['options']
  readonly #charsetName: SnapshotParts['charsetName']
  readonly #cell: InsideCell
  readonly #next: InsideCell

  constructor(terminal: Terminal, inside: Inside, charsetName: SnapshotParts['charsetName']) {
    this.pen = new Pen(inside)
    this.#charsetName = charsetName
    this.cols = terminal.cols
    this.rows = terminal.rows
    this.options = terminal.options
    this.#cell = emptyCell(terminal)
    this.#next = emptyCell(terminal)
  }

  /** From the top left corner; the oldest lines are left out when there are too many. */
  lines(buffer: InsideBuffer): string {
    const { lines, ybase, savedX, savedY } = buffer
    const drawn: string[] = []
    let chars = 0
    let index = lines.length - 1
    for (; index >= 0; index--) {
      const line = lines.get(index)
      const below = index + 1 < lines.length ? lines.get(index + 1) : undefined
      if (!line) continue
      const from = line.isWrapped && index > 0 ? lines.get(index - 1) : undefined
      const to = below?.isWrapped ? below : undefined
      // A cursor saved there comes back to where that line is then.
      const saves = index === savedY && index < ybase ? this.saved(buffer, `\x1b[${savedX + 1}G`) : ''
      const text = this.#line(line, from, to, saves) + (to || !below ? '' : '\r\n')
      chars += text.length
      if (index < ybase && chars > MAX_SNAPSHOT_CHARS) break
      drawn.push(text)
    }
    drawn.reverse()
    if (index < 0) return drawn.join('')
    // A line that goes on from one that was left out would go on from nothing.
    let first = index + 1
    while (first < lines.length - this.rows && lines.get(first)?.isWrapped) first++
    return drawn.slice(first - index - 1).join('')
  }

  /** Goes to a place and saves the cursor there as the screen has it saved; nothing when it never was. */
  saved({ savedX, savedY, savedCurAttrData: { fg, bg }, savedCharset }: InsideBuffer, place: string): string {
    if (savedX === 0 && savedY === 0 && fg === 0 && bg === 0 && !savedCharset) return ''
    const [before, after] = savedCharset ? [`\x1b(${this.#charsetName(savedCharset)}`, '\x1b(B'] : ['', '']
    return [place, this.pen.as({ fg, bg, extended: savedLook }), before, '\x1b7', after, this.pen.reset()].join('')
  }

  /** Whether the cell before the cursor has this look: without wrapping, that may not be what was printed last. */
  isLastLike({ lines, x, y, ybase }: InsideBuffer, { fg, bg }: Attributes): boolean {
    const cell = x > 0 ? lines.get(ybase + y)?.loadCell(x - 1, this.#cell) : undefined
    // A new size may have put the cursor into the middle of a wide character.
    return cell?.fg === fg && cell.bg === bg && cell.getWidth() < 2
  }

  /** Prints the character before the cursor again; behind the last column the next one wraps. `isPenSet`: it looks as the next will. */
  lastPrinted({ lines, x, y, ybase }: InsideBuffer, row: number, isPenSet: boolean): string {
    const line = lines.get(ybase + y)
    if (!line || x === 0) return ''
    const half = line.loadCell(x - 1, this.#cell)
    const column = half.getWidth() === 0 && half.getChars() === '' && x > 1 ? x - 2 : x - 1
    const cell = line.loadCell(column, this.#cell)
    // Only a character leads behind the last column, even when that one is gone.
    const text = cell.getChars() || (x >= this.cols ? ' ' : '')
    return text === '' ? '' : at(row, column) + (isPenSet ? '' : this.pen.as(cell)) + text
  }

  /** `from`: the line above when this one goes on from it; `to`: the line below when that goes on from this one. */
  #line(line: InsideLine, from: InsideLine | undefined, to: InsideLine | undefined, saves: string): string {
    const savesFirst = saves !== '' && to !== undefined
    const wrapped = from ? this.#wrapped(from, line, savesFirst) : ''
    const before = savesFirst && (!from || wrapped !== '') ? `${saves}\r` : ''
    return wrapped + before + this.#cells(line, to) + this.pen.reset() + (savesFirst ? '' : saves)
  }

  #cells(line: InsideLine, to: InsideLine | undefined): string {
    const { cols, pen } = this
    const cell = this.#cell
    let text = ''
    let x = 0
    const reach = (column: number) => {
      if (column > x) text += forward(column - x)
      x = column
    }
    const end = to && this.#endsEmpty(line) ? cols - 1 : cols
    for (let column = 0; column < end; column++) {
      line.loadCell(column, cell)
      const chars = cell.getChars()
      const width = cell.getWidth()
      // The second half of a wide character is no cell of its own.
      if (chars === '' && width === 0 && column < x) continue
      if (chars === '' && !isPainted(cell)) {
        if (cell.bg === 0) continue
        reach(column)
        const cells = this.#erasedAlike(line, column)
        text += `${pen.erasingTo(cell.bg)}\x1b[${cells}X`
        column += cells - 1
      } else {
        reach(column)
        const isWhole = width < 2 || (column + 1 < cols && line.loadCell(column + 1, this.#next).getWidth() === 0)
        // A mark without a letter below it must not go to the letter before.
        const apart = width === 0 && chars !== '' ? '\x0f' : ''
        text += pen.as(cell) + apart + (isWhole ? chars || ' ' : ' ')
        x += isWhole ? Math.max(1, width) : 1
      }
    }
    if (!to || x >= cols) return text
    reach(cols - 1)
    return end < cols ? text : `${text}${pen.reset()} `
  }

  /** How many cells from here on were erased to the same background. */
  #erasedAlike(line: InsideLine, column: number): number {
    const { bg } = this.#cell
    let end = column + 1
    for (; end < this.cols; end++) {
      const next = line.loadCell(end, this.#next)
      if (next.getChars() !== '' || next.bg !== bg || isPainted(next)) break
    }
    return end - column
  }

  /** Whether its last column is empty, as after a wide character that had no room there. */
  #endsEmpty(line: InsideLine): boolean {
    const last = line.loadCell(this.cols - 1, this.#next)
    return last.getChars() === '' && last.getWidth() !== 0
  }

  /**
   * Makes the terminal wrap from the line above, which has been drawn up to its last column, or before it when that is empty,
   * and mends what that needed: a new line gets the background of what made it wrap. Not `atOnce`, that may be left to its
   * first character.
   */
  #wrapped(from: InsideLine, line: InsideLine, atOnce: boolean): string {
    const { fg, bg } = line.loadCell(0, this.#cell)
    const width = this.#cell.getWidth()
    const isEmpty = this.#cell.getChars() === ''
    const isPlain = !atOnce && !isEmpty && (bg & Mask.color) === 0
    if (!this.#endsEmpty(from)) {
      return isPlain && width > 0 ? '' : `${this.pen.reset()} \r${isEmpty ? '\x1b[X' : ''}`
    }
    const last = this.#next
    if (isPlain && width === 2 && last.fg === fg && last.bg === bg) return ''
    return `${this.pen.as(last)}\u6f22\r${this.pen.reset()}\x1b[${this.cols}X`
  }
}

/** Whether something of it is seen although it is empty: a line under it, its colours exchanged. */
function isPainted({ fg, bg }: InsideCell): boolean {
  return fg !== 0 || (bg & ~Mask.color) !== 0
}

function forward(columns: number): string {
  return columns === 1 ? '\x1b[C' : `\x1b[${columns}C`
}
