/// <reference lib="dom" />
import type { CDPSession, Page } from 'playwright-core'
import type { BrowserIde } from './browser-ide.ts'

const PROMPT = 'ready>'

type Watched = { began?: number; drawn?: number }
type WatchedWindow = Window & { benchTerminal?: Watched }

/**
 * The shell of an IDE's page, typed into and read as its rows are drawn. Wants a browser without WebGL: then both sides
 * draw their rows as elements, which can be read.
 */
export class PageTerminal {
  readonly #page: Page
  readonly #session: CDPSession
  readonly #rows: string

  private constructor(page: Page, session: CDPSession, rows: string) {
    this.#page = page
    this.#session = session
    this.#rows = rows
  }

  /** The page must show its panel with a shell. */
  static async of(page: Page, ide: BrowserIde): Promise<PageTerminal> {
    const terminal = new PageTerminal(page, await page.context().newCDPSession(page), `${ide.terminal} .xterm-rows`)
    // omega's page has the app's terminal, too, which is hidden.
    const shown = page.locator(`${ide.terminal}:visible`).first()
    await shown.locator('.xterm-rows', { hasText: /[#$]/ }).waitFor()
    await shown.locator('.xterm-helper-textarea').focus()
    // Neither side's shell integration, nor start-up files: bash alone.
    await page.keyboard.type(`PS1='rea''dy> ' exec bash --norc --noprofile`)
    await terminal.#press('Enter', [PROMPT])
    return terminal
  }

  /** Milliseconds from the event of the key until its letter stands behind the prompt. */
  async echo(typed: string, letter: string): Promise<number> {
    return this.#press(letter, [`${PROMPT} ${typed}${letter}`])
  }

  /** Takes back what was typed behind the prompt. */
  async erase(): Promise<void> {
    await this.#press('Control+U', [PROMPT])
  }

  /** Milliseconds from Enter until the prompt is there again and the last line of the output above it. */
  async run(command: string, lastLine: string): Promise<number> {
    await this.#page.keyboard.type(command)
    return this.#press('Enter', [lastLine, PROMPT])
  }

  /** Milliseconds from the key until the last rows that are not empty are these. */
  async #press(key: string, end: string[]): Promise<number> {
    await this.#page.evaluate(watch, { rows: this.#rows, end })
    if (key.length === 1) await this.#letter(key)
    else await this.#page.keyboard.press(key)
    const result = await this.#page.waitForFunction(
      () => {
        const { benchTerminal: watched } = window as WatchedWindow
        return watched?.drawn !== undefined && watched.began !== undefined ? watched.drawn - watched.began : undefined
      },
      undefined,
      { polling: 50, timeout: 120_000 },
    )
    return (await result.jsonValue()) as number
  }

  async #letter(letter: string): Promise<void> {
    const key = {
      key: letter,
      code: `Key${letter.toUpperCase()}`,
      windowsVirtualKeyCode: letter.toUpperCase().charCodeAt(0),
    }
    await this.#session.send('Input.dispatchKeyEvent', { type: 'keyDown', text: letter, ...key })
    await this.#session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key })
  }
}

/** In the page: notes when the next key comes, and when the rows first end with the lines that are waited for. */
function watch({ rows, end }: { rows: string; end: string[] }): void {
  const watched: Watched = {}
  ;(window as WatchedWindow).benchTerminal = watched
  const shown = [...document.querySelectorAll<HTMLElement>(rows)].find(({ offsetParent }) => offsetParent !== null)
  if (!shown) throw new Error(`Nothing is shown that matches ${rows}.`)
  const observer = new MutationObserver(() => {
    const lines = [...shown.children].map(({ textContent }) => textContent?.replaceAll('\u00a0', ' ').trimEnd() ?? '')
    const written = lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
    if (written.slice(-end.length).join('\n') !== end.join('\n')) return
    watched.drawn = performance.now()
    observer.disconnect()
  })
  const begin = ({ timeStamp, key }: KeyboardEvent) => {
    if (key === 'Control') return
    removeEventListener('keydown', begin, { capture: true })
    watched.began = timeStamp
    observer.observe(shown, { subtree: true, childList: true, characterData: true })
  }
  addEventListener('keydown', begin, { capture: true })
}
