/// <reference lib="dom" />
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityProblems, smallTargets } from '../support/accessibility.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { ConnectionCut } from '../support/connection-cut.ts'
import { containerOf } from '../support/docker.ts'
import { Ide } from '../support/ide.ts'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { type CreatedSandbox, eventually, run } from '../support/omega.ts'

/** The page as a whole: settings that follow, themes, keys, the connection, a phone. */
let here: IdeSandbox
let ide: Ide
let another: CreatedSandbox
let elsewhere: TestBrowser
let there: Ide

beforeAll(async () => {
  here = await IdeSandbox.open('feel', 'react')
  ide = here.ide
  another = await here.createAnother()
  elsewhere = await openBrowser()
  await elsewhere.page.goto(another.openUrl)
  there = new Ide(elsewhere.page)
  await there.ready()
})
afterAll(async () => {
  await elsewhere?.close()
  await here?.close()
})

const until = (check: () => Promise<boolean>, what: string) => eventually(check, what, 20_000)
const codeSize = (page: TestBrowser['page']) =>
  page
    .locator('.cm-content')
    .first()
    .evaluate((element) => getComputedStyle(element).fontSize)

describe('settings', () => {
  it('leave no credential in the address', () => {
    expect(here.page.url()).toBe(here.sandbox.url)
    expect(elsewhere.page.url()).toBe(another.url)
  })

  it('hold at once, and follow to another sandbox in another browser', async () => {
    await ide.change('Theme', 'Dark')
    await ide.change('Font size of the editor', '17')
    expect(await ide.theme()).toBe('dark')
    await until(async () => (await ide.settingsKept()) === 'synced', 'the master keeps the settings')
    await here.shot('feel-settings')
    await there.page.reload()
    await there.ready()
    await until(async () => (await there.theme()) === 'dark', 'the other browser is dark')
    await until(async () => (await codeSize(there.page)) === '17px', 'and has the same letters')
  })

  it('come back when somebody looks at the page again', async () => {
    await there.change('Theme', 'Light, high contrast')
    await until(async () => (await there.settingsKept()) === 'synced', 'the master was told')
    await here.page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await until(async () => (await ide.theme()) === 'contrast-light', 'the first browser has it, too')
    await here.shot('feel-contrast-light')
  })

  it('the dashboard has the same theme', async () => {
    const page = await here.browser.context.newPage()
    await page.goto(here.dashboardUrl)
    await page.getByLabel('Theme').waitFor()
    await until(async () => (await new Ide(page).theme()) === 'contrast-light', 'the dashboard follows')
    await page.getByLabel('Theme').selectOption('dark')
    await here.shot('feel-dashboard', page)
    expect(await accessibilityProblems(page)).toEqual([])
    await page.close()
    await here.page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await until(async () => (await ide.theme()) === 'dark', 'and the sandbox follows the dashboard')
  })

  it("are the browser's own while the master is away, and are told later", async () => {
    const master = new URL('/', here.dashboardUrl).href
    await here.page.route(`${master}**`, (route) => route.abort())
    await ide.change('Tab size', '3')
    await until(async () => (await ide.settingsKept()) === 'waiting', 'the page says that the master is away')
    await here.page.reload()
    await ide.ready()
    await here.page.keyboard.press('Control+,')
    expect(await here.page.getByLabel('Tab size').inputValue()).toBe('3')
    await here.page.unroute(`${master}**`)
    await here.page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await until(async () => (await ide.settingsKept()) === 'synced', 'it is told')
  })

  it('can be looked up, read as text, and are refused with a reason', async () => {
    const { page } = here
    const settings = page.getByRole('region', { name: 'Settings', exact: true })
    await settings.getByLabel('Search settings').fill('wrap')
    await until(async () => (await settings.locator('.setting').count()) === 1, 'one setting is found')
    await settings.getByRole('button', { name: 'As JSON' }).click()
    const text = page.getByRole('textbox', { name: 'Settings as JSON' })
    expect(JSON.parse(await text.inputValue())).toMatchObject({ theme: 'dark', tabSize: 3, editorFontSize: 17 })
    await text.fill('{"theme": "pink"}')
    await page.getByText('Not in force yet. theme must be one of').waitFor()
    await text.fill('{}')
    await until(async () => (await ide.theme()) === 'light', 'all is as at first')
  })

  it('are known before anything is drawn', async () => {
    await ide.change('Theme', 'Dark')
    await until(async () => (await ide.settingsKept()) === 'synced', 'the master was told')
    await here.page.goto(here.sandbox.url, { waitUntil: 'commit' })
    await here.page.waitForFunction(() => document.querySelector('.ide') !== null)
    expect(await ide.theme()).toBe('dark')
    await ide.ready()
  })
})

describe('the keyboard', () => {
  it('gets everywhere: skip links, F6, the palette, a terminal, and back', async () => {
    const { page } = here
    await page.reload()
    await ide.ready()
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.keyboard.press('Tab')
    expect(await ide.focus()).toEqual({ part: 'skip-links', name: 'Go to the editor' })
    await ide.openFile('src/App.tsx')
    const visited = new Set<string | undefined>()
    for (let step = 0; step < 8; step++) {
      await page.keyboard.press('F6')
      visited.add((await ide.focus()).part)
    }
    expect([...visited]).toEqual(
      expect.arrayContaining(['titlebar', 'activitybar', 'side', 'work', 'panel', 'preview', 'statusbar']),
    )
    await page.keyboard.press('Control+1')
    expect(await ide.focus()).toMatchObject({ part: 'work', name: 'Editor' })
    await page.keyboard.press('Control+P')
    await page.getByRole('dialog', { name: 'Palette' }).waitFor()
    await page.keyboard.press('Escape')
    await until(async () => (await ide.focus()).name === 'Editor', 'the focus is where it was')
    await page.keyboard.press('Control+`')
    await until(async () => (await ide.focus()).part === 'panel', 'the terminal has the focus')
    await page.keyboard.type('echo $((6*7))-keys\n')
    await until(async () => /^42-keys$/m.test(await ide.screen()), 'the shell answers')
  })

  it('a shell has its own keys', async () => {
    const { page } = here
    await page.keyboard.type('echo first')
    // The beginning of the line, in a shell; the whole text, in an editor.
    await page.keyboard.press('Control+A')
    await page.keyboard.type('true; ')
    await page.keyboard.press('Enter')
    await until(async () => /^first$/m.test(await ide.screen()), 'the line was edited')
  })

  it('takes other keys for a command, and says which they are taken from', async () => {
    const { page } = here
    await page.keyboard.press('Control+1')
    await page.keyboard.press('Control+,')
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    const keys = page.getByRole('region', { name: 'Keyboard shortcuts' })
    await keys.getByLabel('Search keyboard shortcuts').fill('side bar')
    await keys.getByRole('button', { name: 'Change the keys of Show or hide the side bar' }).click()
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
    await page.keyboard.press('Control+P')
    await keys.getByText('has these keys').waitFor()
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Control+Alt+U')
    await page.keyboard.press('Enter')
    await keys.locator('kbd', { hasText: 'Ctrl+Alt+U' }).waitFor()
    await here.shot('feel-keys')
    const side = page.locator('.part.side')
    await page.keyboard.press('Control+B')
    expect(await side.isVisible()).toBe(true)
    await page.keyboard.press('Control+Alt+U')
    await side.waitFor({ state: 'hidden' })
    await page.keyboard.press('Control+Alt+U')
    await side.waitFor()
    await keys.getByRole('button', { name: 'Reset the keys of Show or hide the side bar' }).click()
    await page.keyboard.press('Control+B')
    await side.waitFor({ state: 'hidden' })
    await page.keyboard.press('Control+B')
    await side.waitFor()
  })

  it('has the modes of vim for who wants them', async () => {
    const { page } = here
    await here.exec('printf "one\\ntwo\\nthree\\n" > vim.txt')
    await ide.change('Keys of the editor', 'Vim')
    await ide.openFile('vim.txt')
    await page.locator('.cm-content').click()
    await page.locator('.cm-vim-panel').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.type('gg')
    await page.keyboard.type('ddAzwei')
    await page.keyboard.press('Escape')
    await page.keyboard.type(':w')
    await page.keyboard.press('Enter')
    await until(async () => (await here.exec('cat vim.txt')).stdout === 'twozwei\nthree\n', 'vim edited the file')
    await ide.change('Keys of the editor', 'Visual Studio Code')
    await until(async () => (await page.locator('.cm-vim-panel').count()) === 0, 'vim is gone')
  })
})

describe('the layout', () => {
  it('is as it was after a reload, without a jump', async () => {
    const { page } = here
    const splitter = page.getByRole('separator', { name: 'Width of the side bar' })
    await splitter.focus()
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowRight')
    const width = () => page.locator('.part.side').evaluate((element) => element.getBoundingClientRect().width)
    const wide = await width()
    expect(wide).toBeGreaterThan(290)
    await page.keyboard.press('Control+J')
    await page.locator('.part.panel').waitFor({ state: 'hidden' })
    await page.goto(here.sandbox.url, { waitUntil: 'commit' })
    await page.waitForFunction(() => document.querySelector('.part.side') !== null)
    expect(await width()).toBe(wide)
    await ide.ready()
    expect(await width()).toBe(wide)
    expect(await page.locator('.part.panel').isVisible()).toBe(false)
    await page.keyboard.press('Control+J')
    await splitter.dblclick()
    expect(await width()).toBe(240)
  })

  it('gives the terminal, or the editor, the whole page', async () => {
    const { page } = here
    await page.getByRole('button', { name: 'Maximise the panel' }).click()
    await page.locator('.part.work').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Give the editor its place back' }).click()
    await page.locator('.part.work').waitFor()
    await page.keyboard.press('Control+1')
    await page.keyboard.press('Control+K')
    await page.keyboard.press('Z')
    await page.locator('.part.side').waitFor({ state: 'hidden' })
    await here.shot('feel-zen')
    await page.keyboard.press('Control+K')
    await page.keyboard.press('Z')
    await page.locator('.part.side').waitFor()
  })

  it('has the preview where one wants it', async () => {
    const { page } = here
    await ide.change('Place of the preview', 'Below the editor')
    const [work, preview] = await Promise.all(
      ['.part.work', '.part.preview'].map((part) => page.locator(part).boundingBox()),
    )
    expect(preview?.y).toBeGreaterThanOrEqual((work?.y ?? 0) + (work?.height ?? 0) - 1)
    await ide.change('Place of the preview', 'Right of the editor')
  })
})

describe('the connection', () => {
  it('cut and mended: typing goes on, in words what is the matter, nothing lost', async () => {
    const person = await openBrowser()
    try {
      await person.context.addCookies(await here.browser.context.cookies())
      const cut = await ConnectionCut.of(person.page)
      await person.page.goto(here.sandbox.url)
      const page = new Ide(person.page)
      await page.ready()
      await page.openFile('vim.txt')
      await cut.pull()
      await until(async () => /again/.test(await page.connection()), 'the page tries again, calmly')
      await until(async () => /^offline/.test(await page.connection()), 'then it says that it is offline')
      await person.page.locator('.cm-content').click()
      await person.page.keyboard.press('Control+End')
      await person.page.keyboard.type('typed without a connection')
      await person.page.getByTestId('saved').getByText('kept in this browser').waitFor()
      await until(async () => /^\u25cf/.test(await person.page.title()), 'the title says that something is unsaved')
      await person.page.getByTestId('connection').click()
      await person.page.getByRole('dialog', { name: 'Connection' }).getByText('vim.txt').waitFor()
      await here.shot('feel-offline', person.page)
      cut.mend()
      await person.page.getByRole('button', { name: 'Retry now' }).last().click()
      await page.ready()
      await person.page.keyboard.press('Escape')
      await until(
        async () => (await here.exec('cat vim.txt')).stdout.endsWith('typed without a connection'),
        'what was typed is in the file',
      )
      await person.page.getByTestId('saved').getByText('Saved').waitFor()
    } finally {
      await person.close()
    }
  })

  it('signed out: what was typed stays, and signing in again saves it', async () => {
    const person = await openBrowser()
    try {
      const cookies = await here.browser.context.cookies()
      await person.context.addCookies(cookies)
      const cut = await ConnectionCut.of(person.page)
      await person.page.goto(here.sandbox.url)
      const page = new Ide(person.page)
      await page.ready()
      await page.openFile('vim.txt')
      await person.context.clearCookies()
      await cut.pull()
      await until(async () => (await page.connection()) === 'signed out', 'the page says that it is signed out')
      await person.page.getByText('You are signed out of this sandbox.').waitFor()
      await person.page.locator('.cm-content').click()
      await person.page.keyboard.press('Control+End')
      await person.page.keyboard.type(', signed out')
      await person.page.getByTestId('saved').getByText('kept in this browser').waitFor()
      await here.shot('feel-signed-out', person.page)
      cut.mend()
      await person.context.addCookies(cookies)
      await person.page.getByRole('button', { name: 'Sign in' }).last().click()
      await page.ready()
      await until(
        async () => (await here.exec('cat vim.txt')).stdout.endsWith('connection, signed out'),
        'what was typed is in the file',
      )
    } finally {
      await person.close()
    }
  })

  it('a restarted worker is told gently', async () => {
    const [container = ''] = await containerOf(here.sandbox.id)
    expect((await run('docker', ['restart', '-t', '2', container])).code).toBe(0)
    await here.page.getByText('The sandbox was restarted.').waitFor({ timeout: 60_000 })
    await ide.ready()
  })
})

describe('who cannot see well', () => {
  it.each(['Light', 'Dark', 'Dark, high contrast'])('finds nothing in the way: %s', async (theme) => {
    const { page } = here
    await ide.change('Theme', theme)
    expect(await accessibilityProblems(page)).toEqual([])
    await ide.openFile('src/App.tsx')
    await page.locator('.part.preview iframe').waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
    await page.keyboard.press('Control+Shift+P')
    await page.getByRole('dialog', { name: 'Palette' }).waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
    await page.keyboard.press('Escape')
  })
})

describe('a phone', () => {
  it('has one pane at a time, nothing too small, and room for its keyboard', async () => {
    const phone = await here.anotherBrowser({ viewport: { width: 390, height: 844 }, phone: true })
    try {
      const { page } = phone
      for (const pane of ['Files', 'Terminal', 'Preview', 'Editor']) {
        await page.getByRole('tablist', { name: 'Panes' }).getByRole('tab', { name: pane }).tap()
        await here.shot(`feel-phone-${pane.toLowerCase()}`, page)
        expect([pane, await smallTargets(page)]).toEqual([pane, []])
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        expect([pane, width]).toEqual([pane, 390])
      }
      expect(await accessibilityProblems(page)).toEqual([])
      await page.getByRole('tablist', { name: 'Panes' }).getByRole('tab', { name: 'Files' }).tap()
      await here.exec('echo > phone.txt')
      await phone.ide.openFile('phone.txt')
      await page.locator('.cm-content').tap()
      // The keyboard comes.
      await page.setViewportSize({ width: 390, height: 460 })
      await page.getByRole('tablist', { name: 'Panes' }).waitFor({ state: 'hidden' })
      const keys = page.getByRole('toolbar', { name: 'Editor keys' })
      await keys.waitFor()
      await page.keyboard.press('Control+Home')
      await keys.getByRole('button', { name: '{', exact: true }).tap()
      await here.shot('feel-phone-typing', page)
      await page.locator('.cm-line', { hasText: '{}' }).first().waitFor()
      await keys.getByRole('button', { name: 'Undo' }).tap()
      await keys.getByRole('button', { name: 'Hide the keyboard' }).tap()
      await page.setViewportSize({ width: 390, height: 844 })
      await page.getByRole('tablist', { name: 'Panes' }).waitFor()
      await page.getByTestId('connection').tap()
      // It slides up.
      await until(async () => {
        const sheet = await page.getByRole('dialog', { name: 'Connection' }).boundingBox()
        return Math.round((sheet?.y ?? 0) + (sheet?.height ?? 0)) === 844
      }, 'the sheet stands on the lower edge')
    } finally {
      await phone.close()
    }
  })

  it('a tablet held upright has the preview below the editor', async () => {
    const tablet = await here.anotherBrowser({ viewport: { width: 820, height: 1180 }, phone: true })
    try {
      await here.shot('feel-tablet', tablet.page)
      const width = await tablet.page.evaluate(() => document.documentElement.scrollWidth)
      expect(width).toBe(820)
      // It comes when the page is told that the app listens.
      await tablet.page.locator('.part.preview').waitFor()
      const [work, preview] = await Promise.all(
        ['.part.work', '.part.preview'].map((part) => tablet.page.locator(part).boundingBox()),
      )
      expect(preview?.y).toBeGreaterThan(work?.y ?? 0)
    } finally {
      await tablet.close()
    }
  })
})

it('no page complained', () => {
  expect(here.complaints().filter((line) => !/^error: .*(ERR_|WebSocket)/.test(line))).toEqual([])
})
