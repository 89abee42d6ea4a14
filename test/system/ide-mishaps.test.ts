/// <reference lib="dom" />
import { afterAll, beforeAll, expect, it } from 'vitest'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually } from '../support/omega.ts'

/** What may happen to an open page. */
let box: IdeSandbox

beforeAll(async () => {
  box = await IdeSandbox.open('mishaps', 'static')
  await box.exec('printf "one\\ntwo\\n" > note.txt')
})
afterAll(() => box?.close())

it('a part that did not come is asked for again', async () => {
  const { page } = box
  const refused: string[] = []
  await page.route(/\/assets\/git-pane-/, (route) => {
    refused.push(route.request().url())
    return refused.length < 3 ? route.abort('connectionaborted') : route.fallback()
  })
  // Once it failed to notice what a page asked for that was open before.
  await page.reload()
  await box.ide.ready()
  await page.keyboard.press('Control+Shift+G')
  await page.getByRole('button', { name: 'Initialise repository' }).waitFor()
  expect(refused.length).toBe(3)
  await page.unroute(/\/assets\/git-pane-/)
  await page.keyboard.press('Control+Shift+E')
})

it('a snapshot that is put back: the page shows what the file was, and goes on from there', async () => {
  const { ide, page } = box
  const omega = async (...args: string[]) => expect((await box.omega('sandbox', ...args)).code).toBe(0)
  const onDisk = async () => (await box.exec('cat note.txt')).stdout
  await ide.openFile('note.txt')
  await ide.cursorBehind('one')
  await page.keyboard.type(' kept')
  await eventually(async () => (await onDisk()) === 'one kept\ntwo\n', 'it is on the disk')
  await omega('snapshot', box.sandbox.name, '--name', 'then')
  await page.keyboard.type(' spoilt')
  await eventually(async () => (await onDisk()) === 'one kept spoilt\ntwo\n', 'it is on the disk')
  await omega('restore', box.sandbox.name, 'then')
  await eventually(async () => (await ide.text()) === 'one kept\ntwo\n', 'the page shows the file of then')
  expect(await onDisk()).toBe('one kept\ntwo\n')
  await ide.cursorBehind('two')
  await page.keyboard.type(' and on')
  await eventually(async () => (await onDisk()) === 'one kept\ntwo and on\n', 'typing goes on')
  await box.shot('restore')
})

it('no page complained', () => {
  expect(box.complaints().filter((line) => /^uncaught:/.test(line))).toEqual([])
})
