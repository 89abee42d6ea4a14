import type { Page } from 'playwright-core'

/** The IDE page as a person uses it; selectors live here and nowhere else. */
export class Ide {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Waits until the page is connected. */
  async ready(): Promise<void> {
    await this.page
      .getByTestId('connection')
      .filter({ hasText: /^connected/i })
      .waitFor({ timeout: 60_000 })
  }

  /** Opens a file of the tree, path from the project's folder. */
  async openFile(path: string): Promise<void> {
    const parts = path.split('/')
    for (const [index, part] of parts.entries()) {
      const item = this.page.getByRole('treeitem', { name: part, exact: true }).first()
      await item.waitFor()
      const isFolder = index < parts.length - 1
      if (!isFolder || (await item.getAttribute('aria-expanded')) !== 'true') await item.click()
    }
    await this.page
      .getByRole('tab', { name: parts.at(-1) ?? '' })
      .first()
      .waitFor()
    await this.page.locator('.cm-content').first().waitFor()
  }

  /** Replaces the first occurrence of `from` in the open file by typing, and saves. */
  async replace(from: string, to: string): Promise<void> {
    const line = this.page.locator('.cm-line', { hasText: from }).first()
    await line.click()
    const text = (await line.textContent()) ?? ''
    await this.page.keyboard.press('Home')
    await this.page.keyboard.press('Home')
    await this.page.keyboard.press('Shift+End')
    await this.page.keyboard.insertText(text.replace(from, to).trimStart())
    await this.page.keyboard.press('Control+S')
  }

  preview() {
    return this.page.frameLocator('iframe[title="Preview"]')
  }

  /** Types a line into the shell's terminal. */
  async type(line: string): Promise<void> {
    await this.page.locator('[data-testid=terminal]:visible .xterm-helper-textarea').focus()
    await this.page.keyboard.type(line)
    await this.page.keyboard.press('Enter')
  }

  /** What the visible terminal shows. */
  async screen(): Promise<string> {
    return this.page.locator('[data-testid=terminal]:visible').evaluate((element) => {
      const { buffer } = (element as unknown as { __terminal: { buffer: { active: Lines } } }).__terminal
      interface Lines {
        length: number
        getLine(index: number): { translateToString(trim: boolean): string } | undefined
      }
      const lines = Array.from({ length: buffer.active.length }, (_, index) => buffer.active.getLine(index))
      return lines.map((line) => line?.translateToString(true) ?? '').join('\n')
    })
  }
}
