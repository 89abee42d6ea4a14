/// <reference lib="dom" />
import type { Download, Locator, Page } from 'playwright-core'

/** The project's files in the page as a person uses them; their selectors live here and nowhere else. */
export class IdeFiles {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  get tree(): Locator {
    return this.#page.getByRole('tree', { name: 'Files' })
  }

  /** The line of a path. */
  row(path: string): Locator {
    return this.tree.locator(`[role=treeitem][data-path=${JSON.stringify(path)}]`)
  }

  /** The sentence below a folder of which not everything is shown. */
  note(): Locator {
    return this.tree.getByRole('note')
  }

  /** Opens a folder whose line is in sight. */
  async expand(path: string): Promise<void> {
    if ((await this.row(path).getAttribute('aria-expanded')) !== 'true') await this.row(path).click()
  }

  async collapse(path: string): Promise<void> {
    if ((await this.row(path).getAttribute('aria-expanded')) === 'true') await this.row(path).click()
  }

  /** Chooses from the menu of a line; of the project's own folder for ''. */
  async choose(path: string, item: string): Promise<void> {
    if (path === '') await this.tree.click({ button: 'right', position: { x: 120, y: (await this.#below()) - 6 } })
    else await this.row(path).click({ button: 'right' })
    await this.menu().getByRole('menuitem', { name: item }).first().click()
  }

  menu(): Locator {
    return this.#page.getByRole('menu', { name: /^Actions for/ })
  }

  /** Types into the field for a name that is open in the tree. */
  async name(name: string): Promise<void> {
    const field = this.tree.getByRole('textbox')
    await field.fill(name)
    await field.press('Enter')
    await field.waitFor({ state: 'detached' })
  }

  /** By a button above the tree. */
  async create(kind: 'file' | 'folder', name: string): Promise<void> {
    await this.#page.getByRole('button', { name: `New ${kind}`, exact: true }).click()
    await this.name(name)
  }

  toast(text: string | RegExp): Locator {
    return this.#page.locator('.toast', { hasText: text }).first()
  }

  async undo(text: string | RegExp): Promise<void> {
    await this.toast(text).getByRole('button', { name: 'Undo' }).click()
  }

  /** Runs a command by the palette. */
  async command(title: string): Promise<void> {
    await this.#page.keyboard.press('Control+Shift+P')
    await this.#page.locator('dialog.palette input').fill(`>${title}`)
    await this.#page.getByRole('option', { name: title }).first().click()
  }

  /** Files, or one folder, of this machine, by the dialog that the menu opens. */
  async upload(into: string, what: 'files' | 'a folder', paths: string | string[]): Promise<void> {
    const dialog = this.#page.waitForEvent('filechooser')
    await this.choose(into, `Upload ${what} here`)
    await (await dialog).setFiles(paths)
  }

  /** Lets go of a file of the desktop over a line. */
  async drop(path: string, name: string, text: string): Promise<void> {
    const dataTransfer = await this.#page.evaluateHandle(
      ([name, text]) => {
        const transfer = new DataTransfer()
        transfer.items.add(new File([text], name))
        return transfer
      },
      [name, text] as const,
    )
    await this.row(path).dispatchEvent('dragover', { dataTransfer })
    await this.row(path).dispatchEvent('drop', { dataTransfer })
  }

  async download(path: string, item = 'Download'): Promise<Download> {
    const coming = this.#page.waitForEvent('download')
    await this.choose(path, item)
    return coming
  }

  /** To the last line, as with the bar beside the tree. */
  async scrollToEnd(): Promise<void> {
    await this.tree.evaluate((tree) => {
      tree.scrollTop = tree.scrollHeight
    })
  }

  async scrollToTop(): Promise<void> {
    await this.tree.evaluate((tree) => {
      tree.scrollTop = 0
    })
  }

  /** What stands in the place of a file that is no text to be typed in. */
  refusal(): Locator {
    return this.#page.getByRole('main', { name: 'Editor' }).getByRole('alert')
  }

  /** Pictures, bytes, large texts. */
  readonly viewer = {
    size: () => this.#page.getByTestId('file-size'),
    banner: () => this.#page.locator('.viewer .banner'),
    image: () => this.#page.locator('.image-view img'),
    bytes: () => this.#page.getByLabel('Bytes of the file'),
    show: (as: 'Text' | 'Hex' | 'Preview') =>
      this.#page.getByRole('toolbar', { name: 'Show as' }).getByRole('button', { name: as }).click(),
    bar: () => this.#page.locator('.viewer-bar'),
    goToLine: async (line: number) => {
      await this.#page.getByRole('textbox', { name: 'Go to line' }).fill(String(line))
      await this.#page.keyboard.press('Enter')
    },
    text: () => this.#page.locator('.viewer'),
  }

  /** What was deleted. */
  readonly trash = {
    list: () => this.#page.getByTestId('trash'),
    restore: (path: string) => this.#page.getByRole('button', { name: `Restore ${path}`, exact: true }).click(),
  }

  async #below(): Promise<number> {
    return (await this.tree.boundingBox())?.height ?? 0
  }
}
