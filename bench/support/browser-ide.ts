import type { Locator, Page } from 'playwright-core'
import type { CreatedSandbox } from '../../src/core/wire/http.ts'
import { mintTicket } from '../../src/drivers/credentials.ts'
import { Ide } from '../../test/support/ide.ts'
import { WireClient } from '../../test/support/worker.ts'
import type { CodeServer } from './code-server.ts'
import { bearerOf, hostOf, type Installation } from './installation.ts'
import { LARGE_FILE, largeFile, OTHER_FILE, SMALL_FILE, TEMPLATE } from './project.ts'

/** An IDE in a browser, as the benchmarks use omega and code-server alike: on the same project, in the same window. */
export interface BrowserIde {
  /**
   * Shows the project with this file. omega by itself opens the tabs that this browser had; code-server forgets them when a
   * page goes soon after, so its address names the file, too.
   */
  urlOf(file: string): string
  /** What loads the page's own requests begin with; not the preview's, which are the app's. */
  readonly origin: string
  /** What the browser keeps of the files' text, beyond its cache, in the words of CDP's Storage domain. */
  readonly keeps: string
  /** Selectors. */
  readonly editor: string
  readonly line: string
  readonly input: string
  readonly terminal: string
  /** Lets a fresh browser in and waits for the files. */
  enter(page: Page): Promise<void>
  /** A file of the project's folder in the tree. */
  row(page: Page, name: string): Locator
  tab(page: Page, name: string): Locator
  /** Saves the file that has the focus. */
  save(page: Page): Promise<void>
  /** Shows the panel with a terminal, a shell. */
  openTerminal(page: Page): Promise<void>
}

/** A new sandbox with the large file. */
export async function omegaIde(omega: Installation): Promise<BrowserIde & { sandbox: CreatedSandbox }> {
  const sandbox = await omega.create(TEMPLATE)
  const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
  await client.opened
  await client.request('files.write', { path: LARGE_FILE, text: largeFile() })
  client.end()
  return {
    sandbox,
    urlOf: () => sandbox.url,
    origin: new URL(sandbox.url).origin,
    keeps: 'indexeddb',
    editor: '.cm-editor',
    line: '.cm-line',
    input: '.cm-content',
    terminal: '[data-testid=terminal]',
    enter: async (page) => {
      // The create's link is good once; each browser needs its own.
      const ticket = mintTicket(sandbox.token, 'ide', Date.now() + 60_000)
      await page.goto(`${sandbox.url}_omega/enter?token=${ticket}&to=/`)
      await new Ide(page).ready()
    },
    row: (page, name) => page.getByRole('treeitem', { name, exact: true }),
    tab: (page, name) => page.getByRole('tab', { name }),
    save: async (page) => {
      await page.keyboard.press('Control+S')
      await page.getByTestId('saved').waitFor({ state: 'attached' })
    },
    // The page opens a shell by itself.
    openTerminal: (page) => page.locator('[data-testid=terminal]:visible .xterm-screen').waitFor(),
  }
}

export function codeServerIde(server: CodeServer, project: string): BrowserIde {
  const origin = `http://127.0.0.1:${server.port}`
  const urlOf = (file: string) => {
    const payload = JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${server.port}${project}/${file}`]])
    return `${origin}/?${new URLSearchParams({ folder: project, payload })}`
  }
  const row = (page: Page, name: string) =>
    page.getByRole('tree', { name: 'Files Explorer' }).getByRole('treeitem', { name })
  const editor = '.editor-instance .monaco-editor'
  return {
    urlOf,
    origin,
    // Its tabs are in IndexedDB, the text of files is nowhere.
    keeps: '',
    editor,
    line: '.view-line',
    input: '.native-edit-context',
    terminal: '.terminal-wrapper',
    enter: async (page) => {
      await page.goto(urlOf(SMALL_FILE))
      await row(page, LARGE_FILE).waitFor({ timeout: 120_000 })
      await page.locator(`${editor} .view-line`).first().waitFor({ timeout: 60_000 })
    },
    row,
    tab: (page, name) => page.getByRole('tab', { name }),
    save: async (page) => {
      await page.keyboard.press('Control+S')
      await page.locator('.tab.dirty').first().waitFor({ state: 'detached' })
    },
    openTerminal: async (page) => {
      const screen = page.locator('.terminal-wrapper.active .xterm-screen')
      // The key hides a panel that is shown, and a page that was here before shows it late.
      await screen.waitFor({ timeout: 5_000 }).catch(() => undefined)
      for (let time = 0; time < 5 && !(await screen.isVisible()); time++) {
        await page.keyboard.press('Control+`')
        await screen.waitFor({ timeout: 10_000 }).catch(() => undefined)
      }
      await screen.waitFor()
    },
  }
}

/** Leaves this file's tab as the only one. */
export async function showAlone(page: Page, ide: BrowserIde, file: string): Promise<void> {
  await ide.row(page, file).dblclick()
  await ide.tab(page, file).waitFor()
  for (const other of [LARGE_FILE, SMALL_FILE, OTHER_FILE].filter((name) => name !== file)) {
    const tab = ide.tab(page, other)
    if ((await tab.count()) === 0) continue
    await tab.click({ button: 'middle' })
    await tab.waitFor({ state: 'detached' })
  }
  await page.locator(`${ide.editor} ${ide.line}`).first().waitFor()
}
