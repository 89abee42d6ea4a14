import { FitAddon } from '@xterm/addon-fit'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { Settings } from '../../../core/settings.ts'
import { harden } from '../../../core/terminal/hardened.ts'
import { scrollbackOf } from '../../../core/terminal/scrollback.ts'
import type { TerminalColors } from '../../../core/terminal/terminal-colors.ts'
import { copyText } from '../../shared/clipboard.ts'
import { clipboardRequest, pasteable } from './clipboard.ts'
import { CommandMarks } from './command-marks.ts'
import { type FileLinkOptions, FileLinks } from './file-links.ts'
import { keepQuiet } from './quiet.ts'
import { ScreenSearch } from './screen-search.ts'
import { colorsOf, themeOf } from './screen-theme.ts'
import type { Screen, Size } from './terminals.ts'

export interface TerminalScreenOptions extends Pick<FileLinkOptions, 'root' | 'filesIn' | 'open'> {
  /** What may be chosen about it now. */
  settings: () => Settings
  /** The folder of its shell, where the output does not tell. */
  folder: () => string | undefined
  onInput: (bytes: Uint8Array) => void
  /** It has other room than before. */
  onRoom: () => void
  /** It is shown in this size because another page has room for no more; undefined: in its own. */
  onLimited: (size: Size | undefined) => void
  onColors: (colors: TerminalColors) => void
  onBell: () => void
  /** Several lines are to be pasted where each would be run. */
  onPasteLines: (text: string) => void
  /** Runs what may fail; its sentence is shown. */
  attempt: (action: Promise<unknown>) => void
  /** Whether the end is out of sight, since somebody has scrolled back. */
  onScrolled: (back: boolean) => void
}

/** A change of room is told when it has lasted so long: dragging makes many. */
const ROOM_AFTER_MS = 80
const MAX_PASTE_CHARS = 8 * 1024 * 1024
const encoder = new TextEncoder()

/** xterm.js in an element of the page. Loaded apart from the page, since typing in the editor does not need it. */
export class TerminalScreen implements Screen {
  readonly terminal: Terminal
  readonly search: ScreenSearch
  readonly commands: CommandMarks
  readonly #options: TerminalScreenOptions
  readonly #fit = new FitAddon()
  readonly #element: HTMLElement
  readonly #observer: ResizeObserver
  #gpu: { dispose(): void } | undefined
  #shown = false
  #roomTimer: ReturnType<typeof setTimeout> | undefined
  #told = ''

  constructor(element: HTMLElement, options: TerminalScreenOptions) {
    this.#element = element
    this.#options = options
    const size = { cols: 80, rows: 24 }
    this.terminal = new Terminal({
      ...size,
      // As the worker's own screen, which it must stay alike with.
      allowProposedApi: true,
      cursorBlink: true,
      windowOptions: { getWinSizeChars: true },
      logLevel: 'off',
      scrollback: scrollbackOf(size.cols),
      lineHeight: 1.2,
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: false,
      linkHandler: { activate: (_event, uri) => openLink(uri) },
    })
    const { terminal } = this
    terminal.loadAddon(this.#fit)
    terminal.loadAddon(new Unicode11Addon())
    terminal.unicode.activeVersion = '11'
    harden(terminal, (error) => console.warn('A terminal could not draw some of what came:', error))
    keepQuiet(terminal)
    this.commands = new CommandMarks(terminal)
    this.search = new ScreenSearch(terminal, () => getComputedStyle(element))
    this.applySettings()
    terminal.open(element)
    this.#addLinks()
    this.#listen()
    this.#observer = new ResizeObserver(() => this.#roomChanged())
    this.#observer.observe(element)
    this.#themes.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-motion'] })
    // For tests and the console: the screen's text without reading pixels.
    Object.assign(element, { __terminal: terminal })
  }

  room(): Size | undefined {
    const { clientWidth, clientHeight } = this.#element
    if (!this.#shown || clientWidth < 40 || clientHeight < 20) return undefined
    const proposed = this.#fit.proposeDimensions()
    if (!proposed || !(proposed.cols > 0) || !(proposed.rows > 0)) return undefined
    const bounded = (value: number) => Math.min(1000, Math.max(2, value))
    return { cols: bounded(proposed.cols), rows: bounded(proposed.rows) }
  }

  write(bytes: Uint8Array, painted: () => void): void {
    this.terminal.write(bytes, painted)
  }

  resize({ cols, rows }: Size): void {
    this.terminal.write('', () => {
      this.terminal.options.scrollback = scrollbackOf(cols)
      this.terminal.resize(cols, rows)
      this.#tellLimit()
    })
  }

  clear(): void {
    this.terminal.write('', () => {
      this.terminal.clear()
      this.commands.cleared()
    })
  }

  /** Takes over what a person has chosen. */
  applySettings(): void {
    const { options } = this.terminal
    const style = getComputedStyle(this.#element)
    const { terminalFontFamily, terminalFontSize, screenReader } = this.#options.settings()
    const mono = style.getPropertyValue('--mono')
    options.fontFamily = terminalFontFamily === '' ? mono : `${terminalFontFamily}, ${mono}`
    options.fontSize = terminalFontSize
    this.#space()
    options.screenReaderMode = screenReader
    options.theme = themeOf(style)
    this.#options.onColors(colorsOf(options.theme))
    this.#roomChanged()
  }

  /** Browsers allow few WebGL contexts, so only a shown screen has one; without it the DOM draws. */
  async show(shown: boolean): Promise<void> {
    this.#shown = shown
    this.#tellRoom()
    if (!shown) {
      this.#leaveGpu()
      return
    }
    // On phones the DOM draws well enough and never blurs.
    if (this.#gpu || matchMedia('(pointer: coarse)').matches) return
    try {
      const { WebglAddon } = await import('@xterm/addon-webgl')
      if (!this.#shown || this.#gpu) return
      const addon = new WebglAddon()
      addon.onContextLoss(() => this.#leaveGpu())
      this.terminal.loadAddon(addon)
      this.#gpu = addon
      this.#space()
      this.#tellRoom()
    } catch {
      // No WebGL here.
    }
  }

  focus(): void {
    this.terminal.focus()
  }

  /** The bytes of a cursor key, which programs may want in another form. */
  arrow(letter: string): string {
    return `\x1b${this.terminal.modes.applicationCursorKeysMode ? 'O' : '['}${letter}`
  }

  /** The selection, if there is one. */
  copy(): void {
    const text = this.terminal.getSelection()
    if (text !== '') this.#options.attempt(copyText(text))
  }

  /** Types a text, in brackets where the program wants to tell it from keys; several lines are asked about before. */
  paste(text: string, asked = false): void {
    const clean = pasteable(text).slice(0, MAX_PASTE_CHARS)
    const runsLines = /[\r\n]/.test(clean.replace(/[\r\n]+$/, '')) && !this.terminal.modes.bracketedPasteMode
    if (runsLines && !asked) this.#options.onPasteLines(clean)
    else this.terminal.paste(clean)
  }

  dispose(): void {
    clearTimeout(this.#roomTimer)
    this.#observer.disconnect()
    this.#themes.disconnect()
    this.#element.removeEventListener('paste', this.#pasted, { capture: true })
    this.terminal.dispose()
  }

  readonly #themes = new MutationObserver(() => this.applySettings())

  readonly #pasted = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text/plain')
    if (!text) return
    event.preventDefault()
    event.stopPropagation()
    this.paste(text)
  }

  #listen(): void {
    const { terminal } = this
    const { onInput, onBell, onScrolled } = this.#options
    terminal.onData((text) => onInput(encoder.encode(text)))
    terminal.onBinary((text) => onInput(Uint8Array.from(text, (char) => char.charCodeAt(0))))
    terminal.onBell(onBell)
    terminal.attachCustomKeyEventHandler((event) => this.#takesKey(event))
    this.#element.addEventListener('paste', this.#pasted, { capture: true })
    let back = false
    const look = () => {
      const { viewportY, baseY } = terminal.buffer.active
      if (viewportY < baseY === back) return
      back = !back
      onScrolled(back)
    }
    terminal.onScroll(look)
    terminal.onWriteParsed(() => {
      look()
      if (document.documentElement.dataset.motion === 'reduced') terminal.options.cursorBlink = false
    })
    terminal.onSelectionChange(() => {
      if (this.#options.settings().copyOnSelect) this.copy()
    })
    terminal.parser.registerOscHandler(52, (data) => {
      const text = clipboardRequest(data)
      // The page in front of a person, not each that shows the terminal.
      if (text !== undefined && document.hasFocus()) this.#options.attempt(copyText(text))
      return true
    })
  }

  #addLinks(): void {
    const { folder, ...rest } = this.#options
    this.terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)))
    const folderAt = (line: number) => this.commands.folderAt(line) ?? folder()
    this.terminal.registerLinkProvider(new FileLinks({ ...rest, terminal: this.terminal, folderAt }))
  }

  #leaveGpu(): void {
    this.#gpu?.dispose()
    this.#gpu = undefined
    this.#space()
  }

  /** WebGL cuts the width of letters to whole pixels; what would be cut off is given back, where it is most of one. */
  #space(): void {
    const { options } = this.terminal
    const context = this.#gpu ? document.createElement('canvas').getContext('2d') : undefined
    if (context) context.font = `${options.fontSize}px ${options.fontFamily}`
    const width = (context?.measureText('W').width ?? 0) * devicePixelRatio
    options.letterSpacing = Math.round(width) - Math.floor(width)
  }

  #roomChanged(): void {
    clearTimeout(this.#roomTimer)
    this.#roomTimer = setTimeout(() => this.#tellRoom(), ROOM_AFTER_MS)
  }

  #tellRoom(): void {
    clearTimeout(this.#roomTimer)
    const room = this.room()
    const told = room ? `${room.cols} ${room.rows}` : ''
    if (told !== this.#told) this.#options.onRoom()
    this.#told = told
    this.#tellLimit()
  }

  #tellLimit(): void {
    const room = this.room()
    const { cols, rows } = this.terminal
    // One that is being made larger is not limited.
    const isLimited = room !== undefined && (cols < room.cols || rows < room.rows)
    this.#options.onLimited(isLimited ? { cols, rows } : undefined)
  }

  /** Copy and paste as people expect them; false leaves the key to the browser. */
  #takesKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown' || event.altKey || !(event.ctrlKey || event.metaKey)) return true
    const key = event.key.toLowerCase()
    if (key === 'c' && (event.shiftKey || this.terminal.hasSelection())) {
      event.preventDefault()
      this.copy()
      this.terminal.clearSelection()
      return false
    }
    // The browser pastes.
    return key !== 'v'
  }
}

function openLink(uri: string): void {
  if (/^(?:https?|mailto):/i.test(uri)) window.open(uri, '_blank', 'noopener')
}
