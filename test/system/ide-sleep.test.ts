/// <reference lib="dom" />
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../support/ask.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { Ide } from '../support/ide.ts'
import { eventually, pause } from '../support/omega.ts'
import { BEARER, SUBDOMAIN } from '../support/worker.ts'
import { WorkerProcess } from '../support/worker-process.ts'

/** A person in front of a sandbox that is put to sleep: a real worker, which is stopped (SIGSTOP) as a freeze would stop it. */
const shots = resolve(import.meta.dirname, '../../artifacts')

let worker: WorkerProcess
let browser: TestBrowser
let page: Page
let ide: Ide
/** Addresses of the WebSockets the page has opened, without host. */
const sockets: string[] = []

beforeAll(async () => {
  mkdirSync(shots, { recursive: true })
  worker = await WorkerProcess.start()
  writeFileSync(join(worker.root, 'notes.txt'), 'one\ntwo\n')
  browser = await openBrowser()
  page = browser.page
  page.on('websocket', (socket) => sockets.push(socket.url().replace(/^.*\/_omega/, '')))
  await page.goto(worker.enter())
  ide = new Ide(page)
  await ide.ready()
  await ide.openFile('notes.txt')
  await page.locator('.sleep-place').waitFor({ state: 'attached' })
})
afterAll(async () => {
  process.kill(worker.pid, 'SIGCONT')
  await browser?.close()
  await worker?.close()
})

const tell = (path: string, body?: object) =>
  ask(worker.port, `/_omega/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { ...BEARER, host: `${SUBDOMAIN}.omega.localhost:${worker.publicPort}` },
    ...(body ? { body } : {}),
  })
const freeze = async (rest: 'asleep' | 'stopped' = 'asleep') => {
  expect((await tell('sleep', { then: rest })).status).toBe(200)
  process.kill(worker.pid, 'SIGSTOP')
}
const thaw = () => process.kill(worker.pid, 'SIGCONT')
const banner = (rest: string) => page.locator(`[data-testid=asleep][data-rest=${rest}]`)
const waking = () => page.getByTestId('waking')
const shot = (name: string) => page.screenshot({ path: join(shots, `${name}.png`) })

describe('a sandbox that sleeps', () => {
  it('warns, and one click keeps it awake', async () => {
    const notice = page.locator('.toast', { hasText: 'This sandbox goes to sleep in 2 min' })
    // What the page and its shell still do since it was opened takes a warning back.
    await eventually(async () => {
      await tell('warn', { inMs: 120_000, then: 'asleep' })
      await pause(500)
      return notice.isVisible()
    }, 'the warning stays')
    await shot('sleep-warning')
    await notice.getByRole('button', { name: 'Keep it awake' }).click()
    await notice.waitFor({ state: 'hidden' })
    const { keptAt } = JSON.parse((await tell('activity')).body)
    expect(Date.now() - keptAt).toBeLessThan(60_000)
  })

  it('is said to be asleep and not connected to again; a key wakes it and is in the text', async () => {
    expect(sockets).toEqual(['/ws?wake=1'])
    await ide.cursorBehind('two')
    // What is pressed right before the sleep wakes it at once.
    await pause(1_200)
    await freeze()
    await banner('asleep').waitFor()
    expect(await ide.connection()).toBe('asleep')
    await shot('asleep')
    await pause(3_000)
    expect(sockets).toHaveLength(1)
    expect(await ide.connection()).toBe('asleep')
    await page.keyboard.press('Shift')
    expect(await ide.connection()).toBe('asleep')

    await page.keyboard.type('!')
    await waking().waitFor()
    expect(await ide.connection()).toBe('waking up')
    await page.keyboard.type(' three')
    await shot('waking')
    expect(await ide.text()).toContain('two! three')
    thaw()
    await ide.ready()
    await waking().waitFor({ state: 'hidden' })
    expect(sockets).toEqual(['/ws?wake=1', '/ws?wake=1'])
    await eventually(
      async () => readFileSync(join(worker.root, 'notes.txt'), 'utf8') === 'one\ntwo! three\n',
      'what was typed is in the file',
    )
  })

  it('gives a terminal what was typed while it slept, in order', async () => {
    const terminal = page.locator('[data-testid=terminal]:visible .xterm-helper-textarea')
    await terminal.focus()
    await ide.type('X=be""fore')
    await eventually(async () => (await ide.screen()).includes('X=be'), 'the shell reads')
    await pause(1_500)
    await freeze()
    await banner('asleep').waitFor()
    await terminal.focus()
    await page.keyboard.type('echo $X-and-after')
    await page.keyboard.press('Enter')
    thaw()
    await eventually(async () => /^before-and-after$/m.test(await ide.screen()), 'the same shell runs it')
  })

  it('wakes by a tap, and a stopped one says what is different', async () => {
    await pause(1_500)
    await freeze('stopped')
    await banner('stopped').waitFor()
    expect(await ide.connection()).toBe('stopped')
    await page.setViewportSize({ width: 390, height: 844 })
    await shot('stopped-phone')
    const { scroll, width } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      width: window.innerWidth,
    }))
    expect(scroll).toBeLessThanOrEqual(width)
    await page.mouse.click(200, 300)
    await waking().waitFor()
    await shot('starting-phone')
    thaw()
    await page.locator('[data-testid=connection][data-state=connected]').waitFor()
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('made no page complain', () => {
    expect(browser.console.filter((line) => line.startsWith('uncaught:'))).toEqual([])
  })
})
