import { FitAddon } from '@xterm/addon-fit'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { type ITheme, Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { Screen } from './terminals.ts'

export interface TerminalScreenOptions {
  onInput: (bytes: Uint8Array) => void
  onResize: () => void
}

const encoder = new TextEncoder()

/** xterm.js in an element of the page. Loaded apart from the page, since typing in the editor does not need it. */
export class TerminalScreen implements Screen {
  readonly terminal: Terminal
  readonly #fit = new FitAddon()
  readonly #element: HTMLElement
  readonly #observer: ResizeObserver
  #muted = false
  #gpu: { dispose(): void } | undefined

  constructor(element: HTMLElement, { onInput, onResize }: TerminalScreenOptions) {
    const style = getComputedStyle(element)
    this.#element = element
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: true,
      fontFamily: style.getPropertyValue('--mono'),
      // Its letters are 8 pixels wide in most fonts; WebGL draws whole pixels only.
      fontSize: 13.4,
      lineHeight: 1.2,
      scrollback: 10_000,
      theme: themeOf(style),
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: true,
    })
    this.terminal.loadAddon(this.#fit)
    this.terminal.loadAddon(new Unicode11Addon())
    this.terminal.unicode.activeVersion = '11'
    this.terminal.loadAddon(new WebLinksAddon((_event, uri) => window.open(uri, '_blank', 'noopener')))
    this.terminal.open(element)
    this.terminal.attachCustomKeyEventHandler((event) => this.#takesKey(event))
    const send = (bytes: Uint8Array) => {
      if (!this.#muted) onInput(bytes)
    }
    this.terminal.onData((text) => send(encoder.encode(text)))
    this.terminal.onBinary((text) => send(Uint8Array.from(text, (char) => char.charCodeAt(0))))
    this.terminal.onResize(onResize)
    this.fit()
    this.#observer = new ResizeObserver(() => this.fit())
    this.#observer.observe(element)
    this.#themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    // For tests and the console: the screen's text without reading pixels.
    Object.assign(element, { __terminal: this.terminal })
  }

  size(): { cols: number; rows: number } {
    return { cols: this.terminal.cols, rows: this.terminal.rows }
  }

  reset(): void {
    this.terminal.reset()
  }

  write(bytes: Uint8Array, painted: () => void): void {
    this.terminal.write(bytes, painted)
  }

  mute(muted: boolean): void {
    this.#muted = muted
  }

  fit(): void {
    if (this.#element.clientWidth > 40 && this.#element.clientHeight > 20) this.#fit.fit()
  }

  /** Browsers allow few WebGL contexts, so only the shown screen has one; without it the DOM draws. */
  async show(shown: boolean): Promise<void> {
    if (!shown) {
      this.#gpu?.dispose()
      this.#gpu = undefined
      return
    }
    this.fit()
    // On phones the DOM draws well enough and never blurs.
    if (this.#gpu || matchMedia('(pointer: coarse)').matches) return
    try {
      const { WebglAddon } = await import('@xterm/addon-webgl')
      const addon = new WebglAddon()
      addon.onContextLoss(() => void this.show(false))
      this.terminal.loadAddon(addon)
      this.#gpu = addon
      this.fit()
    } catch {
      // No WebGL here.
    }
  }

  focus(): void {
    this.terminal.focus()
  }

  dispose(): void {
    this.#observer.disconnect()
    this.#themes.disconnect()
    this.terminal.dispose()
  }

  readonly #themes = new MutationObserver(() => {
    this.terminal.options.theme = themeOf(getComputedStyle(this.#element))
  })

  /** Copy and paste as people expect them; false leaves the key to the browser. */
  #takesKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown' || event.altKey || !(event.ctrlKey || event.metaKey)) return true
    const key = event.key.toLowerCase()
    if (key === 'c' && (event.shiftKey || this.terminal.hasSelection())) {
      event.preventDefault()
      const text = this.terminal.getSelection()
      if (text !== '') navigator.clipboard?.writeText(text).then(undefined, () => document.execCommand('copy'))
      this.terminal.clearSelection()
      return false
    }
    return key !== 'v'
  }
}

/** xterm.js wants colours, not variables. The sixteen are chosen to be readable on either background. */
function themeOf(style: CSSStyleDeclaration): ITheme {
  const of = (name: string) => style.getPropertyValue(name).trim()
  const dark = style.colorScheme === 'dark'
  return {
    background: of('--bg'),
    foreground: of('--text'),
    cursor: of('--accent'),
    cursorAccent: of('--bg'),
    selectionBackground: of('--selection'),
    black: dark ? '#3b4454' : '#1e2430',
    red: of('--bad'),
    green: of('--good'),
    yellow: of('--warn'),
    blue: of('--code-function'),
    magenta: of('--code-keyword'),
    cyan: of('--code-type'),
    white: dark ? '#d9dee7' : '#6b7686',
    brightBlack: of('--faint'),
    brightRed: of('--bad'),
    brightGreen: of('--good'),
    brightYellow: of('--warn'),
    brightBlue: of('--accent'),
    brightMagenta: of('--code-keyword'),
    brightCyan: of('--code-type'),
    brightWhite: dark ? '#ffffff' : '#1e2430',
  }
}
