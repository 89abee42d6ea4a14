import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { TestFleet } from '../support/fleet.ts'
import { Ide } from '../support/ide.ts'
import { type CreatedSandbox, createSandbox, run } from '../support/omega.ts'

/**
 * A browser whose only resolver is omega: a mount namespace with a resolv.conf of its own, and a zone that nobody else
 * knows, so the page can only be found by omega's answer.
 */
const RESOLVER = '127.0.0.53'
let fleet: TestFleet
let sandbox: CreatedSandbox
let folder = ''

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
  folder = await mkdtemp(join(tmpdir(), 'omega-resolver-'))
  await writeFile(join(folder, 'resolv.conf'), `nameserver ${RESOLVER}\noptions timeout:2 attempts:1\n`)
  await writeFile(join(folder, 'nsswitch.conf'), 'hosts: files dns\n')
  await writeFile(
    join(folder, 'chromium'),
    `#!/bin/sh
exec unshare --mount sh -c 'mount --bind ${folder}/resolv.conf /etc/resolv.conf && mount --bind ${folder}/nsswitch.conf /etc/nsswitch.conf && exec /usr/bin/chromium "$@"' chromium "$@"
`,
  )
  await chmod(join(folder, 'chromium'), 0o755)
})
afterAll(async () => {
  await fleet?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

it('this machine itself does not know the name', async () => {
  const { code } = await run('getent', ['hosts', `${sandbox.subdomain}.ide.omega.test`])
  expect(code).not.toBe(0)
})

it('the browser finds IDE and preview by omega alone', async () => {
  expect(sandbox.url).toBe(`http://${sandbox.subdomain}.ide.omega.test:${sandbox.port}/`)
  const browser = await openBrowser({ executable: join(folder, 'chromium') })
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
