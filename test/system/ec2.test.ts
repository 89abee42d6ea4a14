import { afterAll, beforeAll, expect, it } from 'vitest'
import { CloudFleet, pageOf } from '../support/cloud-fleet.ts'
import { Ide } from '../support/ide.ts'
import { type CreatedSandbox, createSandbox, digAt, eventually, omega } from '../support/omega.ts'
import { openResolvingBrowser } from '../support/resolving-browser.ts'

/** A fleet that gets its hosts from EC2 and gives them back, from nothing to nothing. */
const RESOLVER = '127.0.0.56'
let fleet: CloudFleet
const view = (name: string) => fleet.json<CreatedSandbox>('sandbox', 'get', name)
const made: CreatedSandbox[] = []

beforeAll(async () => {
  fleet = await CloudFleet.start({
    ...{ name: `ec2t${process.pid}`, block: '10.213.9', capacity: 10, maxHosts: 4, resolver: RESOLVER },
    address: 'public',
    more: ['--host-idle', '10s', '--orphaned-after', '10s'],
  })
})
afterAll(() => fleet?.close())

it('an empty fleet: the first create launches a host, which joins, and the sandbox runs on it', async () => {
  const { cloud } = fleet
  const sandbox = await createSandbox(fleet.data.env, '--template', 'static', '--name', 'first').catch((error) => {
    throw new Error(`${error}\n${fleet.trouble}`)
  })
  made.push(sandbox)
  expect(cloud.instances.size).toBe(1)
  const [instance] = [...cloud.instances.values()]
  // Browsers come to its public address; the master calls its manager at the private one, which is all that is open.
  expect(sandbox.host).toBe(instance?.publicAddress)
  expect(await digAt(RESOLVER, 53, `${sandbox.subdomain}.${sandbox.domain}`)).toEqual([instance?.publicAddress])
  expect(await pageOf(sandbox)).toBe(200)
  // Its address came from the metadata service, which answers who has a token; sandboxes are one hop too far away.
  expect(cloud.metadata?.asked).toContainEqual({
    from: instance?.address,
    path: '/latest/meta-data/public-ipv4',
    status: 200,
  })
  const service = 'http://169.254.169.254/latest/meta-data/local-ipv4'
  const reach = await omega(['sandbox', 'exec', 'first', '--', 'curl', '-sS', '-m', '3', service], fleet.data.env)
  expect([reach.code === 0, reach.stdout]).toEqual([false, ''])
}, 90_000)

it('a browser that knows nothing but its name codes on it', async () => {
  const browser = await openResolvingBrowser(RESOLVER)
  try {
    const [sandbox] = made
    await browser.page.goto(sandbox?.openUrl ?? '')
    const ide = new Ide(browser.page)
    await ide.ready()
    await ide.openFile('index.html')
    await ide.cursorBehind('<h1>')
    await browser.page.keyboard.type('From EC2 ')
    await ide.preview().getByText('From EC2').waitFor()
    await ide.type('hostname -I > host.txt; echo its-end-$?')
    await eventually(async () => /^its-end-0$/m.test(await ide.screen()), 'the terminal ran it')
  } finally {
    await browser.close()
  }
}, 90_000)

it('25 more with ten on a host: two more hosts, exactly', async () => {
  const names = Array.from({ length: 25 }, (_, index) => `more-${index}`)
  made.push(
    ...(await Promise.all(names.map((name) => createSandbox(fleet.data.env, '--template', 'static', '--name', name)))),
  )
  expect([fleet.cloud.instances.size, fleet.cloud.highWater]).toEqual([3, 3])
  const hosts = [...new Set(made.map(({ host }) => host))]
  expect(hosts).toHaveLength(3)
  for (const address of hosts) {
    expect(made.filter(({ host }) => host === address).length).toBeLessThanOrEqual(10)
  }
  for (const sandbox of made) expect([sandbox.name, await pageOf(sandbox)]).toEqual([sandbox.name, 200])
}, 180_000)

it('a sandbox moves from host to host, each with an engine of its own', async () => {
  const [mover] = made
  if (!mover) throw new Error('There is no sandbox.')
  const target = made.find(({ host }) => host !== mover.host && made.filter((each) => each.host === host).length < 10)
  const gone = target ?? made.find(({ host }) => host !== mover.host)
  if (!gone) throw new Error('All sandboxes are on one host.')
  expect((await omega(['sandbox', 'delete', gone.name], fleet.data.env)).code).toBe(0)
  const write = ['sandbox', 'exec', mover.name, '--', 'sh', '-c', 'echo kept > note.txt; rm index.html']
  expect((await omega(write, fleet.data.env)).code).toBe(0)
  const moved = await omega(['sandbox', 'move', mover.name, '--to', gone.host, '--json'], fleet.data.env)
  expect([moved.code, moved.stderr]).toEqual([0, `moving ${mover.name}; its processes end, and begin again there\n`])
  const now = await view(mover.name)
  expect(now).toMatchObject({ id: mover.id, host: gone.host, state: 'running', subdomain: mover.subdomain })
  expect(await digAt(RESOLVER, 53, `${mover.subdomain}.${mover.domain}`)).toEqual([gone.host])
  const read = await omega(
    ['sandbox', 'exec', mover.name, '--', 'sh', '-c', 'cat note.txt; ls index.html'],
    fleet.data.env,
  )
  expect([read.stdout, read.code]).toEqual(['kept\n', 2])
  expect(fleet.cloud.instances.size).toBe(3)
}, 120_000)

it('all deleted: the hosts go, and nothing is left', async () => {
  const all = await fleet.json<CreatedSandbox[]>('sandbox', 'list')
  const ended = await Promise.all(all.map(({ id }) => omega(['sandbox', 'delete', id], fleet.data.env)))
  expect(ended.map(({ code }) => code)).toEqual(all.map(() => 0))
  await eventually(async () => fleet.cloud.billed.length === 0, 'no machine costs anything')
  await eventually(async () => (await fleet.json<unknown[]>('host', 'list')).length === 0, 'the fleet has no host')
  const { launches } = await fleet.json<{ launches: unknown[] }>('fleet', 'status')
  expect(launches).toEqual([])
  expect(fleet.cloud.requests.filter(({ action }) => action === 'RunInstances')).toHaveLength(3)
  const billed = fleet.cloud.billedSeconds()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(fleet.cloud.billedSeconds()).toBe(billed)
}, 120_000)

it('a machine that no master looks after turns itself off', async () => {
  await createSandbox(fleet.data.env, '--template', 'static', '--name', 'last')
  expect((await omega(['sandbox', 'delete', 'last'], fleet.data.env)).code).toBe(0)
  expect(fleet.cloud.billed).toHaveLength(1)
  await fleet.masters[0]?.stop('SIGKILL')
  await eventually(async () => fleet.cloud.billed.length === 0, 'it is off')
  const [instance] = [...fleet.cloud.instances.values()].slice(-1)
  expect(instance?.reason).toBe('Client.InstanceInitiatedShutdown')
}, 120_000)
