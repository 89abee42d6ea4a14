import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestFleet } from '../support/fleet.ts'
import { Ide } from '../support/ide.ts'
import { type CreatedSandbox, createSandbox, run } from '../support/omega.ts'
import { openResolvingBrowser } from '../support/resolving-browser.ts'

/** A browser whose only resolver is omega. */
const RESOLVER = '127.0.0.53'
let fleet: TestFleet
let sandbox: CreatedSandbox

beforeAll(async () => {
  fleet = await TestFleet.start({
    name: `dns${process.pid}`,
    domain: 'ide.omega.test',
    addresses: ['127.0.0.4'],
    capacity: 2,
    dnsListen: RESOLVER,
    dnsPort: 53,
  })
  sandbox = await createSandbox(fleet.data.env, '--template', 'react')
})
afterAll(() => fleet?.close())

it('this machine itself does not know the name', async () => {
  const { code } = await run('getent', ['hosts', `${sandbox.subdomain}.ide.omega.test`])
  expect(code).not.toBe(0)
})

it('the browser finds IDE and preview by omega alone', async () => {
  expect(sandbox.url).toBe(`http://${sandbox.subdomain}.ide.omega.test:${sandbox.port}/`)
  const browser = await openResolvingBrowser(RESOLVER)
  try {
    await browser.page.goto(sandbox.openUrl)
    expect(browser.page.url()).toBe(sandbox.url)
    const ide = new Ide(browser.page)
    await ide.ready()
    await ide.preview().locator('#root *').first().waitFor({ timeout: 60_000 })
    await ide.openFile('src/App.tsx')
    await ide.replace('<h1>', '<h1>Resolved ')
    await ide.preview().getByText('Resolved').waitFor({ timeout: 20_000 })
  } finally {
    await browser.close()
  }
})
