/// <reference lib="dom" />
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { removeFleet } from '../support/docker.ts'
import { Ide } from '../support/ide.ts'
import { eventually, OmegaProcess, omega, temporaryDataDir } from '../support/omega.ts'

/** A person with a browser: from the dashboard to an edited app. */
const FLEET = `ide${process.pid}`
const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 21500-21999'.split(' ')
const shots = resolve(import.meta.dirname, '../../artifacts')

let up: OmegaProcess
let browser: TestBrowser
const data = { path: '', env: {} as Record<string, string>, remove: async () => {} }

beforeAll(async () => {
  mkdirSync(shots, { recursive: true })
  Object.assign(data, await temporaryDataDir())
  up = await OmegaProcess.start(['up', '--fleet', FLEET, ...ports], /Ctrl-C stops/, data.env)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await up?.stop()
  await removeFleet(FLEET)
  await data.remove()
})

describe('from the dashboard', () => {
  it('React is one click away: file tree and running preview', async () => {
    const { page } = browser
    await page.goto(/dashboard\s+(\S+)/.exec(up.output)?.[1] ?? '')
    expect(page.url()).not.toContain('token')
    await page.getByRole('button', { name: /React/ }).first().waitFor()
    await page.screenshot({ path: join(shots, 'dashboard.png') })
    await page.getByRole('button', { name: /React/ }).first().click()
    await page.waitForURL(/\.omega\.localhost:\d+\/$/, { timeout: 60_000 })
    const ide = new Ide(page)
    await ide.ready()
    await page.getByRole('treeitem', { name: 'package.json' }).waitFor()
    await ide.preview().locator('#root *').first().waitFor({ timeout: 60_000 })
    await page.screenshot({ path: join(shots, 'ide.png') })
  })

  it('a changed line shows in the preview without a reload of the page', async () => {
    const ide = new Ide(browser.page)
    const preview = browser.page.frames().find((frame) => /\/\/5173-/.test(frame.url()))
    await preview?.evaluate(() => Object.assign(globalThis, { untouched: true }))
    await ide.openFile('src/App.tsx')
    await ide.replace('<h1>', '<h1>Edited by a test ')
    await ide.preview().getByText('Edited by a test').waitFor({ timeout: 20_000 })
    expect(await preview?.evaluate(() => (globalThis as { untouched?: boolean }).untouched)).toBe(true)
    const onDisk = await eventually(async () => {
      const names = JSON.parse((await omega(['sandbox', 'list', '--json'], data.env)).stdout)
      return (await omega(['sandbox', 'exec', names[0].name, '--', 'cat', 'src/App.tsx'], data.env)).stdout
    }, 'the file can be read')
    expect(onDisk).toContain('Edited by a test')
    await browser.page.screenshot({ path: join(shots, 'ide-edited.png') })
  })

  it('the terminal runs commands, and is as it was after a reload', async () => {
    const ide = new Ide(browser.page)
    await ide.type('node -v')
    await eventually(async () => /^v\d+\.\d+\.\d+$/m.test(await ide.screen()), 'node -v answers')
    await ide.type('echo $((6*7))-marker')
    await eventually(async () => /^42-marker$/m.test(await ide.screen()), 'echo answers')
    await browser.page.reload()
    await ide.ready()
    await eventually(async () => /^42-marker$/m.test(await ide.screen()), 'the terminal is back')
    expect((await ide.screen()).match(/^42-marker$/gm)).toHaveLength(1)
  })

  it('connects while its code is on its way, and once', async () => {
    const page = await browser.context.newPage()
    try {
      let sockets = 0
      const opened = new Promise<void>((resolve) => {
        page.on('websocket', () => {
          sockets++
          resolve()
        })
      })
      // The code is held back until there is a socket; without one the page would wait for ever.
      await page.route(/\/assets\/index-[^/]*\.js$/, async (route) => {
        await opened
        await route.continue()
      })
      await page.goto(browser.page.url())
      await new Ide(page).ready()
      expect(sockets).toBe(1)
    } finally {
      await page.close()
    }
  })

  it('a phone gets a page it can use', async () => {
    const cookies = await browser.context.cookies()
    const phone = await openBrowser({ viewport: { width: 390, height: 844 }, phone: true })
    try {
      await phone.context.addCookies(cookies)
      await phone.page.goto(browser.page.url())
      await new Ide(phone.page).ready()
      const { scroll, width } = await phone.page.evaluate(() => ({
        scroll: document.documentElement.scrollWidth,
        width: window.innerWidth,
      }))
      expect(scroll).toBeLessThanOrEqual(width)
      await phone.page.screenshot({ path: join(shots, 'ide-phone.png') })
    } finally {
      await phone.close()
    }
  })

  it('who is not signed in gets nothing but the way to sign in', async () => {
    const stranger = await openBrowser()
    try {
      await stranger.page.goto(browser.page.url())
      await stranger.page.waitForURL(/\/\?next=/)
      expect(await stranger.page.locator('[role=treeitem]').count()).toBe(0)
    } finally {
      await stranger.close()
    }
  })

  it('no page complained', () => {
    const complaints = browser.console.filter((line) => /^uncaught:|^error:/.test(line))
    expect(complaints).toEqual([])
  })
})
