import { type Attributes, BgFlag, ColorMode, FgFlag, type Inside, Mask } from './xterm-inside.ts'

const fgCodes: [flag: number, code: number][] = [
  [FgFlag.bold, 1],
  [FgFlag.blink, 5],
  [FgFlag.inverse, 7],
  [FgFlag.invisible, 8],
  [FgFlag.strikethrough, 9],
]
const bgCodes: [flag: number, code: number][] = [
  [BgFlag.dim, 2],
  [BgFlag.italic, 3],
  [BgFlag.overline, 53],
]

/** What the next character looks like, and the sequences that change it from one look to another. */
export class Pen {
  readonly #inside: Inside
  #look = ''
  #link = ''

  constructor(inside: Inside) {
    this.#inside = inside
  }

  /** Nothing but the default look, and no link. */
  reset(): string {
    return this.#take('', '')
  }

  /** The look of a cell or of what is printed next. */
  as(attributes: Attributes): string {
    const { fg, bg, extended } = attributes
    // Without the flag they are of another cell.
    const isExtended = (bg & BgFlag.extended) !== 0
    // xterm.js draws links with a line of its own and hides which one the program asked for.
    const style = isExtended && extended.urlId === 0 ? extended.underlineStyle : 1
    const codes = [
      ...flagsOf(fgCodes, fg),
      ...flagsOf(bgCodes, bg),
      ...(fg & FgFlag.underline && style > 0 ? [`4:${style}`] : []),
      ...colorOf(fg, 30, 90, 38),
      ...colorOf(bg, 40, 100, 48),
      ...(isExtended ? colorOf(extended.underlineColor, undefined, undefined, 58) : []),
    ]
    const look = codes.length === 0 ? '' : `;${codes.join(';')}`
    const guard = bg & BgFlag.protected ? '\x1b[1"q' : ''
    return this.#take(`${look}m${guard}`, isExtended ? this.#linkOf(extended.urlId) : '')
  }

  /** Only a background: what erasing leaves. */
  erasingTo(bg: number): string {
    const codes = colorOf(bg, 40, 100, 48)
    return this.#take(codes.length === 0 ? '' : `;${codes.join(';')}m`, this.#link)
  }

  #take(wanted: string, link: string): string {
    const look = wanted === 'm' ? '' : wanted
    const change = look === this.#look ? '' : look === '' ? '\x1b[m' : `\x1b[0${look}`
    const linked = link === this.#link ? '' : link === '' ? '\x1b]8;;\x1b\\' : link
    this.#look = look
    this.#link = link
    return linked + change
  }

  #linkOf(urlId: number): string {
    const data = urlId === 0 ? undefined : this.#inside._oscLinkService.getLinkData(urlId)
    // Without a name of its own it is told from others by its number, so that its parts stay one link.
    return data ? `\x1b]8;id=${data.id ?? `~${urlId}`};${data.uri}\x1b\\` : ''
  }
}

function flagsOf(codes: readonly [flag: number, code: number][], word: number): string[] {
  return codes.filter(([flag]) => (word & flag) !== 0).map(([, code]) => String(code))
}

/** `dark` and `bright` are the first of eight codes for the sixteen colours; without them only the long forms exist. */
function colorOf(word: number, dark: number | undefined, bright: number | undefined, long: number): string[] {
  const value = word & Mask.value
  switch (word & Mask.mode) {
    case ColorMode.palette16:
      if (dark === undefined || bright === undefined) return [`${long};5;${value & 0xff}`]
      return [String((value & 8 ? bright : dark) + (value & 7))]
    case ColorMode.palette256:
      return [`${long};5;${value & 0xff}`]
    case ColorMode.rgb:
      return [`${long};2;${value >> 16};${(value >> 8) & 0xff};${value & 0xff}`]
    default:
      return []
  }
}
