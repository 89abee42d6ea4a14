import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accessibilityProblems } from '../support/accessibility.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { startTestMaster, type TestMaster } from '../support/master.ts'
import { MemoryProvider } from '../support/memory-provider.ts'

/** What the dashboard shows of a fleet that gets its hosts by itself. */
const shots = resolve(import.meta.dirname, '../../artifacts')
const provider = new MemoryProvider()
let master: TestMaster
let browser: TestBrowser

beforeAll(async () => {
  master = await startTestMaster({
    scaling: {
      provider,
      offerings: [{ type: 'm7i.large', place: 'local-1a', market: 'spot' }],
      settings: { minHosts: 0, capacity: 10, headroom: 0, idleMs: 60_000, quietMs: 60_000 },
      limits: { maxHosts: 1, maxPerHour: 9 },
      userData: () => '',
      pace: { everyMs: 100, waitMs: 6_000 },
    },
  })
  browser = await openBrowser()
  const { pathname, search } = new URL(master.master.signInUrl())
  await browser.page.goto(`${master.url}${pathname}${search}`)
})
afterAll(async () => {
  await browser?.close()
  await master?.close()
})

it('says that hosts come by themselves, what a create waits for, and which machine is on its way', async () => {
  const { page } = browser
  await page.getByText('One is launched when somebody asks for a sandbox.').waitFor()
  await page.getByRole('button', { name: /Node\.js/ }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByText('Waiting for a place: next in line; 1 host is starting').waitFor()
  await page.screenshot({ path: join(shots, 'dashboard-waiting.png') })
  const launch = page.getByTestId('launch')
  await launch.waitFor()
  expect(await launch.innerText()).toMatch(/m7i\.large in local-1a, spot\s+1 waiting, 0 places free\s+starting/)
  await page.getByText('just now: a host was asked for (1 waiting, 0 places free)').waitFor()
  const metrics = await fetch(`${master.url}/metrics`).then((answer) => answer.text())
  for (const line of ['omega_creates_waiting 1', 'omega_launches{state="booting"} 1', '{what="ordered"} 1']) {
    expect(metrics).toContain(line)
  }
  // Nobody joins: the create is refused in time, with the reason.
  await sheet.getByRole('alert').filter({ hasText: 'waited 6 s' }).waitFor()
  await page.keyboard.press('Escape')
  await page.screenshot({ path: join(shots, 'dashboard-launch.png') })
  expect(await accessibilityProblems(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  await page.screenshot({ path: join(shots, 'dashboard-launch-phone.png'), fullPage: true })
})
