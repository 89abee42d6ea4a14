import { Unicode11Addon } from '@xterm/addon-unicode11'
import headless, { type Terminal } from '@xterm/headless'
import { harden } from '../../src/core/terminal/hardened.ts'
import { scrollbackOf } from '../../src/core/terminal/scrollback.ts'
import { emulatorOptions, type ScreenSize } from '../../src/drivers/terminal-screen.ts'
import {
  type Attributes,
  BgFlag,
  emptyCell,
  FgFlag,
  type InsideBuffer,
  insideOf,
  Mask,
} from '../../src/drivers/xterm-inside.ts'

/** What xterm.js threw. */
export const failures: unknown[] = []

/** A terminal as a page has it. */
export function pageTerminal(size: ScreenSize): Terminal {
  const terminal = new headless.Terminal({ ...emulatorOptions, ...size, scrollback: scrollbackOf(size.cols) })
  terminal.loadAddon(new Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  harden(terminal, (error) => failures.push(error))
  return terminal
}

export function written(terminal: Terminal, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => terminal.write(data, resolve))
}

/**
 * Everything that decides how a terminal looks and what later output does to it, as plain values to compare.
 * `emptyIsSpace`: a cell never written is the same as one with a space.
 */
export function stateOf(terminal: Terminal, emptyIsSpace = false) {
  const { buffers, coreService, coreMouseService, _charsetService: sets, _inputHandler } = insideOf(terminal)
  const { active, normal, alt } = buffers
  const isAlt = active === alt
  return {
    screen: isAlt ? 'alternate' : 'normal',
    cursor: [active.x, active.y],
    cursorHidden: coreService.isCursorHidden,
    modes: [coreService.modes.insertMode, JSON.stringify(Object.entries(coreService.decPrivateModes).sort())],
    mouse: [coreMouseService.activeProtocol, coreMouseService.activeEncoding],
    charsets: [sets.glevel, ...[0, 1, 2, 3].map((index) => letterOf(sets._charsets[index]))],
    pen: look(terminal, _inputHandler._curAttrData),
    options: [terminal.options.convertEol, terminal.options.cursorBlink],
    normal: bufferOf(terminal, normal, emptyIsSpace),
    alternate: isAlt ? bufferOf(terminal, alt, emptyIsSpace) : undefined,
  }
}

function bufferOf(terminal: Terminal, buffer: InsideBuffer, emptyIsSpace: boolean) {
  const { lines, ybase, scrollTop, scrollBottom, tabs, savedX, savedY, savedCurAttrData, savedCharset } = buffer
  return {
    ybase,
    region: [scrollTop, scrollBottom],
    tabs: Object.keys(tabs).filter((column) => tabs[Number(column)] && Number(column) < terminal.cols),
    saved: [
      Math.min(savedX, terminal.cols - 1),
      Math.min(Math.max(savedY - ybase, 0), terminal.rows - 1),
      letterOf(savedCharset),
    ],
    savedPen: look(terminal, { ...savedCurAttrData, extended: emptyCell(terminal).extended }),
    lines: Array.from({ length: lines.length }, (_, index) => lineOf(terminal, buffer, index, emptyIsSpace)),
  }
}

function lineOf(terminal: Terminal, { lines }: InsideBuffer, index: number, emptyIsSpace: boolean) {
  const line = lines.get(index)
  const cell = emptyCell(terminal)
  if (!line) return 'none'
  const half = emptyCell(terminal)
  let widthBefore = 1
  const cells = Array.from({ length: line.length }, (_, column) => {
    line.loadCell(column, cell)
    const isCut =
      cell.getWidth() === 2 && (column + 1 === line.length || line.loadCell(column + 1, half).getWidth() > 0)
    const isOrphan = cell.getWidth() === 0 && cell.getChars() === '' && !(column > 0 && widthBefore === 2)
    const width = isCut || isOrphan ? 1 : cell.getWidth()
    widthBefore = cell.getWidth()
    const text = isCut ? ' ' : cell.getChars()
    const styled = look(terminal, cell)
    // An empty cell that is painted looks the same as a space, and so does what is left of a wide character.
    // Only a character brings the cursor behind the last column: where that was scrolled away, it is a space.
    const isSpace = (styled !== '' && !/^bg[^ ]*$/.test(styled)) || column === line.length - 1 || emptyIsSpace
    const shown = text === '' && isSpace && width === 1 ? ' ' : text
    return `${shown}${width === 1 ? '' : `/${width}`}${styled && `{${styled}}`}`
  })
  while (cells.at(-1) === '' || cells.at(-1) === ' ') cells.pop()
  return `${index > 0 && line.isWrapped ? '> ' : '| '}${cells.map((text) => text || '_').join('')}`
}

function look(terminal: Terminal, { fg, bg, extended }: Attributes): string {
  const link = bg & BgFlag.extended ? insideOf(terminal)._oscLinkService.getLinkData(extended.urlId) : undefined
  const underline = fg & FgFlag.underline ? (bg & BgFlag.extended && !extended.urlId ? extended.underlineStyle : 1) : 0
  const parts = [
    (fg & Mask.mode) !== 0 && `fg${color(fg)}`,
    (bg & Mask.mode) !== 0 && `bg${color(bg)}`,
    fg & FgFlag.bold && 'bold',
    bg & BgFlag.dim && 'dim',
    bg & BgFlag.italic && 'italic',
    underline && `under${underline}`,
    underline &&
      bg & BgFlag.extended &&
      (extended.underlineColor & Mask.mode) !== 0 &&
      `line${color(extended.underlineColor)}`,
    fg & FgFlag.blink && 'blink',
    fg & FgFlag.inverse && 'inverse',
    fg & FgFlag.invisible && 'invisible',
    fg & FgFlag.strikethrough && 'strike',
    bg & BgFlag.overline && 'over',
    bg & BgFlag.protected && 'guard',
    link && `link:${link.uri}`,
  ]
  return parts.filter(Boolean).join(' ')
}

function color(word: number): string {
  const mode = (word & Mask.mode) >>> 24
  return `${mode}:${(word & (mode === 3 ? 0xffffff : 0xff)).toString(16)}`
}

/** What the set makes of the letters. */
function letterOf(charset: object | undefined): string {
  return charset === undefined ? '' : JSON.stringify(charset)
}
