import type { WebSocket } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { TestFleet } from '../support/fleet.ts'
import { Ide } from '../support/ide.ts'
import { type CreatedSandbox, createSandbox, omega } from '../support/omega.ts'

/** A person who types while the manager, the door of their sandbox, is killed and started again. */
const HOST = '127.0.0.1'
let fleet: TestFleet
let browser: TestBrowser
let ide: Ide
let sandbox: CreatedSandbox
/** WebSockets to the worker that were answered on. */
const connections = new Set<WebSocket>()

beforeAll(async () => {
  fleet = await TestFleet.start({
    name: `restart${process.pid}`,
    domain: 'omega.localhost',
    addresses: [HOST],
    capacity: 2,
  })
  sandbox = await createSandbox(fleet.data.env, '--template', 'static')
  browser = await openBrowser()
  browser.page.on('websocket', (socket) => {
    if (new URL(socket.url()).pathname === '/_omega/ws') socket.on('framereceived', () => connections.add(socket))
  })
  await browser.page.goto(sandbox.openUrl)
  ide = new Ide(browser.page)
  await ide.ready()
})
afterAll(async () => {
  await browser?.close()
  await fleet?.close()
})

const indexOf = async () =>
  (await omega(['sandbox', 'exec', sandbox.name, '--', 'cat', 'index.html'], fleet.data.env)).stdout

it('costs one reconnect, and nothing that was typed; the shell is the same', async () => {
  await ide.type('MARK=before')
  await ide.openFile('index.html')
  await ide.cursorBehind('<title>')
  const before = connections.size
  await browser.page.keyboard.type('one ')
  await fleet.stopRole(HOST)
  await browser.page.keyboard.type('two ', { delay: 50 })
  await fleet.startRole(HOST)
  await browser.page.keyboard.type('three ', { delay: 50 })
  await ide.ready()
  await expect.poll(indexOf, { timeout: 20_000 }).toContain('<title>one two three ')
  await ide.type('echo "it is $MARK"')
  await expect.poll(() => ide.screen()).toContain('it is before')
  expect(connections.size).toBe(before + 1)
}, 60_000)
