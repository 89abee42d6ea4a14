import type { Locator, Page } from 'playwright-core'
import type { CreatedSandbox } from '../../src/core/wire/http.ts'
import { mintTicket } from '../../src/drivers/credentials.ts'
import { Ide } from '../../test/support/ide.ts'
import { WireClient } from '../../test/support/worker.ts'
import type { CodeServer } from './code-server.ts'
import { bearerOf, hostOf, type Installation } from './installation.ts'
import { LARGE_FILE, largeFile, TEMPLATE } from './project.ts'

/** An IDE in a browser, as the benchmarks use omega and code-server alike: on the same project, in the same window. */
export interface BrowserIde {
  /** Shows the project, with the tabs that this browser had open. */
  readonly url: string
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
    url: sandbox.url,
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
    // The page opens a shell by itself.
    openTerminal: (page) => page.locator('[data-testid=terminal]:visible .xterm-screen').waitFor(),
  }
}

export function codeServerIde(server: CodeServer, project: string): BrowserIde {
  const origin = `http://127.0.0.1:${server.port}`
  const url = `${origin}/?folder=${encodeURIComponent(project)}`
  const row = (page: Page, name: string) =>
    page.getByRole('tree', { name: 'Files Explorer' }).getByRole('treeitem', { name })
  return {
    url,
    origin,
    // Its tabs are in IndexedDB, the text of files is nowhere.
    keeps: '',
    editor: '.editor-instance .monaco-editor',
    line: '.view-line',
    input: '.native-edit-context',
    terminal: '.terminal-wrapper',
    enter: async (page) => {
      await page.goto(url)
      await row(page, LARGE_FILE).waitFor({ timeout: 120_000 })
    },
    row,
    tab: (page, name) => page.getByRole('tab', { name }),
    openTerminal: async (page) => {
      await page.keyboard.press('Control+`')
      await page.locator('.terminal-wrapper.active .xterm-screen').waitFor()
    },
  }
}
