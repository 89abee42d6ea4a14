import type { Locator, Page } from 'playwright-core'

/** Source control in the page as a person uses it; its selectors live here and nowhere else. */
export class IdeGit {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  /** Shows the side view. */
  async show(): Promise<void> {
    const view = this.#page.getByRole('complementary', { name: 'Source control' })
    if (!(await view.isVisible())) await this.#page.keyboard.press('Control+Shift+G')
    await view.waitFor()
  }

  change(group: 'conflicts' | 'staged' | 'changes', name: string): Locator {
    return this.#page.locator(`.git-line[data-group=${group}]`, { hasText: name }).first()
  }

  /** Marks beside changed lines of the editor in sight. */
  mark(kind: 'added' | 'changed' | 'deleted'): Locator {
    return this.#page.locator(`.cm-git .git-${kind}`)
  }

  async badge(): Promise<string> {
    const badge = this.#page.getByRole('button', { name: /^Source control/ }).locator('.badge')
    return (await badge.count()) === 0 ? '' : ((await badge.textContent()) ?? '')
  }

  /** What the tab of a difference says of it. */
  async differences(): Promise<string> {
    return (await this.#page.getByTestId('diff-count').textContent()) ?? ''
  }

  /** Writes a message and presses Ctrl+Enter. */
  async commit(message: string): Promise<void> {
    await this.show()
    await this.#page.getByLabel('Message of the commit').fill(message)
    await this.#page.keyboard.press('Control+Enter')
  }

  /** A button at a file's line, which shows when it is pointed at. */
  async tool(group: 'conflicts' | 'staged' | 'changes', name: string, label: string): Promise<void> {
    await this.change(group, name).hover()
    await this.change(group, name).getByLabel(`${label} ${name}`, { exact: true }).click()
  }

  /** Fields of the dialog that is open, by their labels. */
  async fill(fields: Record<string, string>): Promise<void> {
    const form = this.#page.locator('dialog.sheet form')
    for (const [label, text] of Object.entries(fields)) await form.getByLabel(label, { exact: true }).fill(text)
  }

  /** A command by its whole title. */
  async run(title: string): Promise<void> {
    await this.#page.keyboard.press('F1')
    await this.#page.locator('dialog.palette input').fill(`>${title}`)
    await this.#page.getByRole('option', { name: title }).first().click()
  }

  async switchTo(branch: string): Promise<void> {
    await this.#page.getByTestId('branch').click()
    await this.#page.getByRole('option', { name: branch }).first().click()
    await this.#page.getByTestId('branch').filter({ hasText: branch }).waitFor()
  }

  /** Answers when git asks for name and password. */
  async signIn(name: string, password: string, keep = false): Promise<void> {
    const form = this.#page.getByTestId('git-ask')
    await form.getByLabel('Name', { exact: true }).fill(name)
    await form.getByLabel('Password or token').fill(password)
    if (keep) await form.getByLabel(/Keep it in memory/).check()
    await form.getByRole('button', { name: 'Sign in' }).click()
  }
}
