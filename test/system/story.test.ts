import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { derive } from '../../src/drivers/credentials.ts'
import { accessibilityProblems } from '../support/accessibility.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { type CountingManager, startCountingManager } from '../support/counting-manager.ts'
import { SECRET, startTestMaster, type TestMaster } from '../support/master.ts'

/** What the dashboard tells of a sandbox's life, and does to it. */
const shots = resolve(import.meta.dirname, '../../artifacts')
let master: TestMaster
let manager: CountingManager
let browser: TestBrowser
let id = ''

beforeAll(async () => {
  manager = await startCountingManager()
  master = await startTestMaster()
  await master.join('127.0.0.2', manager.apiUrl, 5)
  const { body } = await master.api('/v1/sandboxes', { method: 'POST', body: JSON.stringify({ name: 'my-app' }) })
  id = (body as Record<string, string>).id ?? ''
  browser = await openBrowser()
  // The address of a copy leads to no worker here: it is enough that the page goes there.
  await browser.page.route(/\/_omega\/enter\?token=/, (route) => route.fulfill({ body: 'the copy' }))
  await backToDashboard()
})
afterAll(async () => {
  await browser?.close()
  await master?.close()
  await manager?.close()
})

/** Signs in, also from the page of a sandbox. */
async function backToDashboard(): Promise<void> {
  const { pathname, search } = new URL(master.master.signInUrl())
  await browser.page.goto(`${master.url}${pathname}${search}`)
}

/** Something of the menu of a sandbox. */
async function choose(name: string, item: string): Promise<void> {
  await browser.page.getByRole('button', { name: `More for ${name}` }).click()
  await browser.page.getByRole('menuitem', { name: item }).click()
}

/** What a manager says with its beat. */
async function told(state: string, cause: string): Promise<void> {
  const { status } = await fetch(`${master.url}/v1/hosts/127.0.0.2/beat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${derive(SECRET, 'host/127.0.0.2')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ changes: [{ sandboxId: id, state, cause, at: Date.now() }] }),
  })
  expect(status).toBe(204)
}

it('tells which host and why, and goes on while it is open', async () => {
  const { page } = browser
  await page.getByRole('button', { name: 'Story of my-app' }).click()
  const lines = page.locator('.story li')
  await lines.filter({ hasText: 'running' }).waitFor()
  expect(await lines.first().innerText()).toMatch(/placed on 127\.0\.0\.2[\s\S]*fewest sandboxes \(1 of 5 now\)/)
  const before = await lines.count()
  await told('asleep', 'idle')
  await lines.filter({ hasText: 'fell asleep' }).waitFor()
  await told('running', 'visit')
  await lines.filter({ hasText: 'woke up' }).waitFor()
  expect(await lines.last().innerText()).toMatch(/somebody came/)
  expect(await lines.count()).toBe(before + 2)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Escape')
  await lines.first().waitFor({ state: 'detached' })
})

it('stops, starts, renames and forks it', async () => {
  const { page } = browser
  const row = (name: string) => page.locator('.item', { has: page.getByRole('button', { name: `More for ${name}` }) })
  const stateOf = (name: string) => row(name).locator('.state')
  await choose('my-app', 'Stop')
  await stateOf('my-app').filter({ hasText: 'stopped' }).waitFor()
  expect(manager.containers.get(id)?.state).toBe('stopped')
  await page.getByRole('button', { name: 'More for my-app' }).click()
  // A menu belongs to its button, wherever in the document it is drawn.
  expect((await accessibilityProblems(page)).filter((each) => !/^region: .*role="menu"/.test(each))).toEqual([])
  await page.keyboard.press('Escape')
  await choose('my-app', 'Start')
  await stateOf('my-app').filter({ hasText: 'running' }).waitFor()
  await choose('my-app', 'Rename')
  await page.getByLabel('Name', { exact: true }).fill('-')
  await page.getByRole('button', { name: 'Rename', exact: true }).click()
  await page.getByRole('alert').filter({ hasText: 'cannot be used' }).waitFor()
  await page.getByLabel('Name', { exact: true }).fill('our-app')
  await page.keyboard.press('Enter')
  await row('our-app').waitFor()
  await choose('our-app', 'Fork')
  await page.getByLabel('Name (optional)').fill('our-copy')
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('button', { name: 'Fork', exact: true }).click()
  await page.getByText('the copy', { exact: true }).waitFor()
  expect([...manager.containers.values()].map(({ name }) => name).sort()).toEqual(['our-app', 'our-copy'])
  await backToDashboard()
  await choose('our-app', 'Rename')
  await page.getByLabel('Name', { exact: true }).fill('my-app')
  await page.keyboard.press('Enter')
  await row('my-app').waitFor()
})

it('keeps its files, puts them back, copies and deletes them', async () => {
  const { page } = browser
  await choose('my-app', 'Snapshots')
  await page.getByLabel('Name of the new snapshot').fill('before-lunch')
  await page.keyboard.press('Enter')
  const said = page.locator('.snapshot-said')
  await said.filter({ hasText: 'before-lunch is kept.' }).waitFor()
  await page.getByRole('button', { name: 'Take a snapshot' }).click()
  const rows = page.locator('[data-snapshot]')
  await rows.nth(1).waitFor()
  // The newest comes first.
  expect(await rows.last().innerText()).toMatch(/before-lunch\s+just now, 1 MiB/)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.screenshot({ path: join(shots, 'dashboard-snapshots.png') })
  manager.calls.length = 0
  const old = page.locator('[data-snapshot=before-lunch]')
  await old.getByRole('button', { name: 'Put back' }).click()
  // Nothing is lost by one click.
  expect(manager.calls).toEqual([])
  await old.getByRole('button', { name: /what was written since is lost/ }).click()
  await said.filter({ hasText: 'has the files of before-lunch again' }).waitFor()
  const kept = manager.containers.get(id)?.snapshots.find(({ name }) => name === 'before-lunch')?.id
  expect(manager.calls).toEqual([`POST /v1/containers/${id}/snapshots/${kept}/restore`])
  await rows
    .first()
    .getByRole('button', { name: /^Delete/ })
    .click()
  await page.getByRole('button', { name: 'Delete it for good' }).click()
  await rows.nth(1).waitFor({ state: 'detached' })
  expect(manager.containers.get(id)?.snapshots.map(({ name }) => name)).toEqual(['before-lunch'])
  await old.getByRole('button', { name: 'Fork' }).click()
  manager.calls.length = 0
  await page.getByRole('dialog', { name: 'Fork my-app of before-lunch' }).getByLabel('Name (optional)').press('Enter')
  await page.getByText('the copy', { exact: true }).waitFor()
  expect(manager.calls).toEqual([`POST /v1/containers/${id}/fork?snapshot=${kept}`])
  await backToDashboard()
})

it('fits a phone', async () => {
  const { page } = browser
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  await page.getByRole('button', { name: 'Story of my-app' }).click()
  await page.locator('.story li').first().waitFor()
  const box = await page.getByRole('dialog').boundingBox()
  expect(box?.x).toBeGreaterThanOrEqual(0)
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390)
  const overflow = await page.locator('.story').evaluate((list) => list.scrollWidth - list.clientWidth)
  expect(overflow).toBe(0)
  await page.keyboard.press('Escape')
  await choose('my-app', 'Snapshots')
  const row = page.locator('[data-snapshot=before-lunch]')
  await row.getByRole('button', { name: 'Put back' }).click()
  const sure = await row.getByRole('button', { name: /is lost/ }).boundingBox()
  expect((sure?.x ?? 0) + (sure?.width ?? 390)).toBeLessThanOrEqual(390)
  await page.screenshot({ path: join(shots, 'dashboard-snapshots-phone.png') })
  expect(browser.console.filter((line) => /^(error|uncaught)/.test(line) && !/400|ERR_/.test(line))).toEqual([])
})
