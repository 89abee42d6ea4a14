/// <reference lib="dom" />
import type { Frame, Locator, Page } from 'playwright-core'

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

  /** Shows the project's files in the side bar, whatever was there before. */
  async showFiles(): Promise<void> {
    const tree = this.page.getByRole('tree', { name: 'Files' })
    if (!(await tree.isVisible())) await this.page.keyboard.press('Control+Shift+E')
    await tree.waitFor()
  }

  /** Opens a file of the tree, path from the project's folder; done when its own text is in the editor. */
  async openFile(path: string): Promise<void> {
    await this.showFiles()
    const parts = path.split('/')
    for (const [index, part] of parts.entries()) {
      const item = this.page.getByRole('treeitem', { name: part, exact: true }).first()
      await item.waitFor()
      const isFolder = index < parts.length - 1
      if (!isFolder || (await item.getAttribute('aria-expanded')) !== 'true') await item.click()
    }
    // The tab alone may have been there before, with another file in the editor.
    await this.shownTab()
      .filter({ hasText: parts.at(-1) ?? '' })
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

  /** The first line of the shown file with this text in it. */
  line(text: string | RegExp) {
    return this.page.locator('.cm-line', { hasText: text }).first()
  }

  /** Places the cursor in the first line with this text, behind its first occurrence. */
  async cursorBehind(text: string): Promise<void> {
    const line = this.line(text)
    await line.click({ position: { x: 2, y: 5 } })
    const all = (await line.textContent()) ?? ''
    await this.page.keyboard.press('Home')
    const indent = all.length - all.trimStart().length
    // Home goes to the first letter, and from there to the margin.
    for (let step = 0; step < all.indexOf(text) + text.length - indent; step++) {
      await this.page.keyboard.press('ArrowRight')
    }
  }

  /** What language servers have to do with the page. */
  readonly language = {
    ready: () => this.page.locator('[data-testid=language-server][data-state=ready]').waitFor({ timeout: 60_000 }),
    state: () => this.page.getByTestId('language-server'),
    problems: () => this.page.getByTestId('problems'),
    completion: (label: string) =>
      this.page
        .locator('.cm-tooltip-autocomplete li')
        .filter({ has: this.page.getByText(label, { exact: true }) })
        .first(),
    hover: () => this.page.locator('.language-hover'),
    signature: () => this.page.locator('.language-signature'),
    fixes: () => this.page.getByRole('menu', { name: 'Quick fixes' }).getByRole('menuitem'),
    bulb: () => this.page.getByRole('button', { name: 'Quick fixes' }),
    renameField: () => this.page.getByRole('textbox', { name: 'New name' }),
    references: () => this.page.getByRole('region', { name: 'References' }),
    problemList: () => this.page.getByRole('region', { name: 'Problems' }),
    breadcrumbs: () => this.page.getByRole('navigation', { name: 'Breadcrumbs' }),
    squiggles: () => this.page.locator('.cm-lintRange-error'),
  }

  /** Who else is here, and links that let them in. */
  readonly people = {
    list: () => this.page.getByRole('dialog', { name: 'Who is here' }),
    openList: () => this.page.getByRole('button', { name: /(?:person is|people are) here$/ }).click(),
    /** The avatar of somebody else. */
    avatar: (name: string) => this.page.getByTestId('person').and(this.page.getByRole('button', { name })),
    frame: () => this.page.getByTestId('following'),
    /** Somebody's cursor in the editor, and the name beside it. */
    cursor: (name: string) => this.page.locator(`.cm-personCursor[data-name="${name}"]`),
    flag: (name: string) => this.people.cursor(name).locator('.cm-personFlag'),
    selection: () => this.page.locator('.cm-personSelection'),
    marks: (place: Locator) => place.locator('.in-file i'),
    ended: () => this.page.getByTestId('ended'),
    lookingOnly: () => this.page.getByText('Looking only'),
    sheet: () => this.page.getByRole('dialog', { name: /^Share / }),
  }

  /** Tells the others another name. */
  async rename(name: string): Promise<void> {
    await this.people.openList()
    const field = this.page.getByRole('textbox', { name: 'Your name' })
    await field.fill(name)
    await field.press('Enter')
    await this.page.keyboard.press('Escape')
    await this.people.list().waitFor({ state: 'hidden' })
  }

  /** Makes a link by the Share button; gives what it said it grants, and the link. */
  async share(access: 'May edit' | 'May look', life: string): Promise<{ grants: string; url: string }> {
    await this.page.getByRole('button', { name: 'Share', exact: true }).click()
    const sheet = this.people.sheet()
    await sheet.locator('label', { hasText: access }).click()
    await sheet.getByLabel('Works for').selectOption(life)
    const grants = (await this.page.getByTestId('share-grants').textContent()) ?? ''
    await sheet.getByRole('button', { name: 'Make the link' }).click()
    const url = await this.page.getByTestId('share-url').inputValue()
    await sheet.getByRole('button', { name: 'Close' }).click()
    return { grants, url }
  }

  /** The text of the file shown, as far as it is in sight. */
  async text(): Promise<string> {
    return (await this.page.locator('.cm-line').allTextContents()).join('\n')
  }

  /** Path of the tab shown. */
  shownTab() {
    return this.page.locator('[role=tab][aria-selected=true][data-tab]')
  }

  /** The page shown in the preview. */
  /** Opens the page of the settings and changes one, by its title. */
  async change(title: string, value: string | boolean): Promise<void> {
    await this.page.keyboard.press('Control+,')
    const control = this.page.getByRole('region', { name: 'Settings', exact: true }).getByLabel(title, { exact: true })
    await control.waitFor()
    if (typeof value === 'boolean') await control.setChecked(value)
    else if ((await control.evaluate((element) => element.tagName)) === 'SELECT')
      await control.selectOption({ label: value })
    else await control.fill(value)
  }

  /** alone, synced, waiting or refused, as the page of the settings says. */
  async settingsKept(): Promise<string | null> {
    return this.page.getByTestId('settings-sync').getAttribute('data-state')
  }

  /** The colours shown. */
  theme(): Promise<string | undefined> {
    return this.page.evaluate(() => document.documentElement.dataset.theme)
  }

  /** What the status bar says of the connection. */
  async connection(): Promise<string> {
    return (await this.page.getByTestId('connection').getByRole('status').textContent()) ?? ''
  }

  /** The accessible name or class of what has the focus, and the part of the page it is in. */
  focus(): Promise<{ part: string | undefined; name: string }> {
    return this.page.evaluate(() => {
      const focused = document.activeElement
      const part = focused?.closest('.titlebar, .activitybar, .part, .statusbar, .skip-links, dialog, .bottombar')
      return {
        part: part?.className.replace(/^part /, ''),
        name: focused?.getAttribute('aria-label') ?? focused?.textContent?.trim().slice(0, 40) ?? '',
      }
    })
  }

  preview() {
    return this.page.frameLocator('iframe[data-testid=preview-frame]:visible')
  }

  /** The frame of a port's preview, once its page is there. */
  async frameOf(port: number): Promise<Frame> {
    const element = await this.page.locator(`iframe[data-port="${port}"]`).elementHandle()
    const frame = await element?.contentFrame()
    if (!frame) throw new Error(`There is no frame of port ${port}.`)
    return frame
  }

  /** Shows the preview of a port by the list of ports, once it listens. */
  async openPort(port: number): Promise<void> {
    await this.page.getByRole('tab', { name: /^Ports/ }).click()
    const row = this.page
      .getByTestId('port')
      .filter({ has: this.page.getByRole('rowheader', { name: String(port), exact: true }) })
    await row.getByRole('button', { name: 'Open', exact: true }).click({ timeout: 120_000 })
  }

  /** Closes all previews but the first. */
  async closePreviews(): Promise<void> {
    const others = this.page.getByRole('button', { name: /^Close the preview of port/ })
    while ((await others.count()) > 1) await others.last().click()
  }

  /** Opens the drawer with the page's console. */
  async openConsole(): Promise<Locator> {
    const drawer = this.page.getByRole('region', { name: 'Console of the page' })
    if (!(await drawer.isVisible())) await this.page.getByRole('button', { name: /^Console of the page/ }).click()
    await drawer.waitFor()
    return drawer
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
