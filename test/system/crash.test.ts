import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { containersWith } from '../support/docker.ts'
import { TestFleet } from '../support/fleet.ts'
import { Ide } from '../support/ide.ts'
import { type CreatedSandbox, createSandbox, dig, eventually, omega } from '../support/omega.ts'

/** Every role killed in turn, and the pulled plug: open IDEs go on, nothing is lost. */
let fleet: TestFleet
let browser: TestBrowser
let sandbox: CreatedSandbox
const HOST = '127.0.0.1'

beforeAll(async () => {
  fleet = await TestFleet.start({
    name: `crash${process.pid}`,
    domain: 'omega.localhost',
    addresses: [HOST],
    capacity: 3,
  })
  sandbox = await createSandbox(fleet.data.env, '--template', 'static', '--name', 'survivor')
  browser = await openBrowser()
  await browser.page.goto(sandbox.openUrl)
  await new Ide(browser.page).ready()
})
afterAll(async () => {
  await browser?.close()
  await fleet?.close()
})

/** Everything that must be the same before and after. */
async function state() {
  const { env } = fleet.data
  const hosts = JSON.parse((await omega(['host', 'list', '--json'], env)).stdout)
  return {
    sandboxes: JSON.parse((await omega(['sandbox', 'list', '--json'], env)).stdout),
    counts: hosts.map(({ address, containers }: { address: string; containers: number }) => [address, containers]),
    records: await dig(fleet.dnsPort, `${sandbox.subdomain}.omega.localhost`),
    containers: await containersWith(`omega.fleet=${fleet.name}`),
  }
}

describe.each([HOST, 'master', 'dns'])('kill -9 of %s', (role) => {
  it('leaves sandboxes, records and counts as they were, and creates work again', async () => {
    const before = await state()
    expect(before.sandboxes).toHaveLength(1)
    expect(before.records).toEqual([HOST])
    await fleet.stopRole(role)
    await fleet.startRole(role)
    expect(await eventually(async () => (await state()).counts.length === 1 && state(), 'the fleet is back')).toEqual(
      before,
    )
    const another = await createSandbox(fleet.data.env, '--template', 'static')
    expect(await dig(fleet.dnsPort, `${another.subdomain}.omega.localhost`)).toEqual([HOST])
    expect((await omega(['sandbox', 'delete', another.id], fleet.data.env)).code).toBe(0)
    expect(await state()).toEqual(before)
  })
})

it('an open IDE edits and runs while master, Redis and dns are down', async () => {
  for (const role of ['master', 'dns']) await fleet.stopRole(role)
  await fleet.redis.kill()
  const ide = new Ide(browser.page)
  await ide.type('echo still-$((40+2))')
  await eventually(async () => /^still-42$/m.test(await ide.screen()), 'the terminal answers')
  await ide.openFile('index.html')
  await ide.replace('<h1>', '<h1>Unplugged ')
  await ide.type('grep -c Unplugged index.html')
  await eventually(async () => /^1$/m.test(await ide.screen()), 'the edit is on disk')
  // A reload needs nobody but the worker either.
  await browser.page.reload()
  await ide.ready()
  await eventually(async () => /^still-42$/m.test(await ide.screen()), 'the terminal is back after a reload')

  await fleet.redis.restart()
  for (const role of ['dns', 'master']) await fleet.startRole(role)
  await eventually(async () => (await state()).counts.length === 1, 'the fleet is back')
  const { records, counts, sandboxes } = await state()
  expect(records).toEqual([HOST])
  expect(counts).toEqual([[HOST, 1]])
  expect(sandboxes).toMatchObject([{ name: 'survivor', state: 'running' }])
})

it('a manager that is killed costs an open IDE a reconnect, and nothing that was typed', async () => {
  const ide = new Ide(browser.page)
  await ide.openFile('index.html')
  await fleet.stopRole(HOST)
  await ide.replace('<h1>', '<h1>Meanwhile ')
  await fleet.startRole(HOST)
  // Terminal and document come back each at its own time.
  await ide.type('until grep -c Meanwhile index.html; do sleep 0.1; done')
  await eventually(async () => /^1$/m.test((await ide.screen()).split('done').at(-1) ?? ''), 'the edit is on disk')
})

it('a create that was cut off by kill -9 of the master leaves nothing for ever', async () => {
  const creating = omega(['sandbox', 'create', '--template', 'static', '--name', 'cut-off'], fleet.data.env)
  await eventually(
    async () => (await containersWith(`omega.fleet=${fleet.name}`, '-a')).length > 1,
    'its container is there',
  )
  await fleet.stopRole('master')
  expect((await creating).code).not.toBe(0)
  await fleet.startRole('master')
  expect((await omega(['sandbox', 'delete', 'cut-off'], fleet.data.env)).code).toBe(0)
  await eventually(
    async () => (await containersWith(`omega.fleet=${fleet.name}`, '-a')).length === 1,
    'its container is gone',
  )
  expect((await state()).counts).toEqual([[HOST, 1]])
})
