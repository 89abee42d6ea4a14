/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core'

/** Quick open, and the search through all files, as a person uses them; their selectors live here and nowhere else. */
export class IdeSearch {
  readonly #page: Page
  readonly view: Locator
  readonly results: Locator
  readonly summary: Locator

  constructor(page: Page) {
    this.#page = page
    this.view = page.getByRole('complementary', { name: 'Search' })
    this.results = page.getByRole('tree', { name: 'Results' })
    this.summary = this.view.locator('.search-summary')
  }

  /** Shows the side view, its field ready to type into. */
  async show(): Promise<void> {
    await this.#page.keyboard.press('Control+Shift+F')
    await this.field('Search').waitFor()
  }

  field(label: 'Search' | 'Replace by' | 'Files to include' | 'Files to exclude'): Locator {
    return this.view.getByRole('textbox', { name: label, exact: true })
  }

  button(label: string): Locator {
    return this.view.getByRole('button', { name: label, exact: true })
  }

  /** Types what to look for and presses Enter. */
  async find(query: string): Promise<void> {
    await this.field('Search').fill(query)
    await this.field('Search').press('Enter')
  }

  /** Presses the switches in so far as they are not as wanted. */
  async choose(wanted: Record<'Match case' | 'Whole words' | 'Regular expression', boolean>): Promise<void> {
    for (const [label, on] of Object.entries(wanted)) {
      if ((await this.button(label).getAttribute('aria-pressed')) !== `${on}`) await this.button(label).click()
    }
  }

  /** The line of a file, or of the match whose label has this text. */
  file(path: string): Locator {
    return this.results.locator(`[data-kind=file][data-path="${path}"]`)
  }

  match(text: string | RegExp): Locator {
    return this.results.locator('[data-kind=match]').filter({ hasText: text }).first()
  }

  /** A button at a line, which shows when it is pointed at. */
  async press(row: Locator, label: 'Replace' | 'Replace in this file' | 'Take off the list'): Promise<void> {
    await row.hover()
    await row.getByRole('button', { name: label, exact: true }).click()
  }

  /** Writes down from now on what the summary says, each time it changes. */
  async watchSummary(): Promise<() => Promise<string[]>> {
    await this.#page.evaluate(() => {
      const said: string[] = []
      const look = () => {
        const text = document.querySelector('.search-summary')?.textContent ?? ''
        if (said.at(-1) !== text) said.push(text)
      }
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
      Object.assign(globalThis, { __said: said })
    })
    return () => this.#page.evaluate(() => (globalThis as unknown as { __said: string[] }).__said)
  }

  readonly palette = {
    /** Opens it with this in its field. */
    open: async (text: string) => {
      await this.#page.keyboard.press('Control+P')
      await this.palette.field().fill(text)
    },
    field: () => this.#page.locator('dialog.palette input'),
    options: () => this.#page.locator('dialog.palette').getByRole('option'),
    hint: () => this.#page.locator('dialog.palette').getByRole('status'),
  }

  /** What is selected in the editor shown, and where its cursor is as the status bar says. */
  async selected(): Promise<{ text: string; place: string }> {
    const text = await this.#page.evaluate(() => getSelection()?.toString() ?? '')
    const place = (await this.#page.locator('.statusbar').getByText(/^Ln /).textContent()) ?? ''
    return { text, place: place.replace(/ \(.*/, '') }
  }
}
