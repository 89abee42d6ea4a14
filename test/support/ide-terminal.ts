/// <reference lib="dom" />
import { isDeepStrictEqual } from 'node:util'
import type { Locator, Page } from 'playwright-core'
import { eventually } from './omega.ts'

interface Cell {
  getChars(): string
  getWidth(): number
  getFgColor(): number
  getBgColor(): number
  getFgColorMode(): number
  getBgColorMode(): number
  isBold(): number
  isDim(): number
  isItalic(): number
  isUnderline(): number
  isInverse(): number
}
interface Line {
  length: number
  translateToString(trim: boolean): string
  getCell(column: number): Cell | undefined
}
interface Xterm {
  cols: number
  rows: number
  buffer: {
    active: {
      type: string
      length: number
      baseY: number
      viewportY: number
      cursorX: number
      cursorY: number
      getLine(row: number): Line | undefined
    }
  }
  onWriteParsed(listener: () => void): { dispose(): void }
}
type Shown = HTMLElement & { __terminal: Xterm }

/** The terminal that is shown and has the focus, as a person sees and uses it. */
export class IdeTerminal {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get shown(): Locator {
    return this.page.locator('[data-active] [data-testid=terminal]:visible')
  }

  tabs(): Locator {
    return this.page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab')
  }

  async focus(): Promise<void> {
    await this.shown.locator('.xterm-helper-textarea').focus()
  }

  async run(line: string): Promise<void> {
    await this.focus()
    await this.page.keyboard.type(line)
    await this.page.keyboard.press('Enter')
  }

  /** A command of the palette, by its whole title. */
  async command(title: string): Promise<void> {
    await this.focus()
    await this.page.keyboard.press('Control+Shift+P')
    await this.page.locator('dialog.palette input').fill(`>${title}`)
    await this.page.getByRole('option', { name: title }).first().click()
  }

  /** All lines, scrollback too. */
  lines(): Promise<string[]> {
    return this.shown.evaluate((element) => {
      const { active } = (element as Shown).__terminal.buffer
      return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
    })
  }

  /** Waits until a line of the screen or the scrollback is this. */
  async sees(line: RegExp): Promise<void> {
    await this.page.waitForFunction(
      ([source, flags]) => {
        const element = document.querySelector('[data-active] [data-testid=terminal]')
        const active = (element as Shown | null)?.__terminal?.buffer.active
        const pattern = new RegExp(source, flags)
        for (let row = (active?.length ?? 0) - 1; row >= 0; row--) {
          if (pattern.test(active?.getLine(row)?.translateToString(true) ?? '')) return true
        }
        return false
      },
      [line.source, line.flags] as const,
      { timeout: 30_000, polling: 50 },
    )
  }

  /** Every cell in sight with its colours and looks, the cursor, the size and which screen it is. */
  picture(): Promise<{ size: string; screen: string; cursor: string; rows: string[] }> {
    return this.shown.evaluate((element) => {
      const { cols, rows, buffer } = (element as Shown).__terminal
      const { active } = buffer
      const draw = (cell: Cell | undefined) =>
        cell &&
        [
          cell.getChars() || ' ',
          cell.getWidth(),
          `${cell.getFgColorMode()}.${cell.getFgColor()}`,
          `${cell.getBgColorMode()}.${cell.getBgColor()}`,
          [cell.isBold(), cell.isDim(), cell.isItalic(), cell.isUnderline(), cell.isInverse()].map(Number).join(''),
        ].join('/')
      return {
        size: `${cols} ${rows}`,
        screen: active.type,
        cursor: `${active.cursorX} ${active.cursorY}`,
        rows: Array.from({ length: rows }, (_, row) => {
          const line = active.getLine(active.baseY + row)
          return Array.from({ length: cols }, (_, column) => draw(line?.getCell(column))).join(' ')
        }),
      }
    })
  }

  /** The picture, once what comes from the program has all been drawn: no change for half a second. */
  async settledPicture(): ReturnType<IdeTerminal['picture']> {
    let last = await this.picture()
    let same = 0
    await eventually(async () => {
      const next = await this.picture()
      same = isDeepStrictEqual(next, last) ? same + 1 : 0
      last = next
      return same >= 5
    }, 'the terminal is drawn')
    return last
  }

  /** Where on the page the first letter of a text in sight is, in pixels. */
  async place(text: string): Promise<{ x: number; y: number }> {
    const cell = await this.shown.evaluate((element, wanted) => {
      const { rows, cols, buffer } = (element as Shown).__terminal
      const { active } = buffer
      for (let row = rows - 1; row >= 0; row--) {
        const column =
          active
            .getLine(active.viewportY + row)
            ?.translateToString(true)
            .indexOf(wanted) ?? -1
        if (column >= 0) {
          const box = element.querySelector('.xterm-screen')?.getBoundingClientRect() ?? new DOMRect()
          return {
            x: box.left + ((column + 0.5) * box.width) / cols,
            y: box.top + ((row + 0.5) * box.height) / rows,
          }
        }
      }
      return undefined
    }, text)
    if (!cell) throw new Error(`There is no ${JSON.stringify(text)} in sight.`)
    return cell
  }

  /** Presses Ctrl-C; gives the milliseconds from that key until the prompt is on the screen, as the page sees them. */
  async interrupt(): Promise<number> {
    await this.focus()
    const answer = await this.shown.evaluateHandle((element) => {
      const terminal = (element as Shown).__terminal
      const took = new Promise<number>((resolve) => {
        let pressed: number | undefined
        const press = (event: KeyboardEvent) => {
          if (event.ctrlKey && event.key.toLowerCase() === 'c') pressed ??= performance.now()
        }
        window.addEventListener('keydown', press, { capture: true })
        const parsed = terminal.onWriteParsed(() => {
          const { active } = terminal.buffer
          const line = active.getLine(active.baseY + active.cursorY)?.translateToString(true) ?? ''
          if (pressed === undefined || !/[$#] ?$/.test(line)) return
          parsed.dispose()
          window.removeEventListener('keydown', press, { capture: true })
          resolve(performance.now() - pressed)
        })
      })
      return { took }
    })
    await this.page.keyboard.press('Control+C')
    return answer.evaluate(({ took }) => took)
  }
}
