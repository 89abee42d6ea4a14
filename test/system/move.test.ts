import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { containersWith } from '../support/docker.ts'
import { TestFleet } from '../support/fleet.ts'
import { type CreatedSandbox, createSandbox, dig, eventually, omega } from '../support/omega.ts'

/** Sandboxes that go from one host to another, with their files, snapshots and names. */
let fleet: TestFleet
const [FIRST, SECOND] = ['127.0.0.2', '127.0.0.3']

beforeAll(async () => {
  const name = `move${process.pid}`
  fleet = await TestFleet.start({ name, domain: 'omega.localhost', addresses: [FIRST, SECOND], capacity: 3 })
})
afterAll(() => fleet?.close())

const cli = (...args: string[]) => omega(args, fleet.data.env)
const view = async (name: string) => JSON.parse((await cli('sandbox', 'get', name, '--json')).stdout) as CreatedSandbox
const exec = async (name: string, command: string) => {
  const { code, stdout, stderr } = await cli('sandbox', 'exec', name, '--', 'sh', '-c', command)
  return code === 0 ? stdout.trimEnd() : `${code}: ${stderr}`
}
const counts = async () => {
  const hosts = JSON.parse((await cli('host', 'list', '--json')).stdout) as { address: string; containers: number }[]
  return Object.fromEntries(hosts.map(({ address, containers }) => [address, containers]))
}
const addressOf = async ({ subdomain, domain }: CreatedSandbox) => dig(fleet.dnsPort, `${subdomain}.${domain}`)
/** What its page's place answers at this host to its owner; 0 for nobody there. */
const answerAt = (host: string, { port, subdomain, domain, token }: CreatedSandbox) =>
  new Promise<number>((resolve) => {
    const headers = { host: `${subdomain}.${domain}:${port}`, authorization: `Bearer ${token}` }
    request({ host, port, headers }, (answer) => resolve(answer.resume().statusCode ?? 0))
      .once('error', () => resolve(0))
      .end()
  })

it('takes files, packages, snapshots, name and port along, and leaves nothing', async () => {
  const made = await createSandbox(fleet.data.env, '--template', 'static', '--name', 'walker')
  expect(made.host).toBe(FIRST)
  await exec('walker', 'echo one > note.txt; echo tool > ~/tool; rm style.css')
  expect((await cli('sandbox', 'snapshot', 'walker', '--name', 'before')).code).toBe(0)
  await exec('walker', 'echo two > note.txt')
  const moved = await cli('sandbox', 'move', 'walker')
  expect([moved.code, moved.stderr]).toEqual([0, expect.stringContaining(`walker is on ${SECOND} now`)])
  const now = await view('walker')
  expect(now).toMatchObject({ id: made.id, subdomain: made.subdomain, port: made.port, host: SECOND, state: 'running' })
  expect(await addressOf(made)).toEqual([SECOND])
  expect(await answerAt(SECOND, made)).toBe(200)
  expect(await answerAt(FIRST, made)).toBe(0)
  expect(await exec('walker', 'cat note.txt ~/tool; ls style.css 2>&1 | grep -c "No such"')).toBe('two\ntool\n1')
  expect(await counts()).toEqual({ [FIRST]: 0, [SECOND]: 1 })
  expect(await containersWith(`omega.fleet=${fleet.name}`, '-a')).toHaveLength(1)
  const snapshots = JSON.parse((await cli('sandbox', 'snapshots', 'walker', '--json')).stdout)
  expect(snapshots).toMatchObject([{ name: 'before' }])
  expect((await cli('sandbox', 'restore', 'walker', 'before')).code).toBe(0)
  expect(await exec('walker', 'cat note.txt')).toBe('one')
  const story = (await cli('sandbox', 'get', 'walker', '--explain')).stdout
  expect(story).toMatch(`moved from ${FIRST} to ${SECOND}`)
})

it('one that was stopped is stopped there, too; and back it goes', async () => {
  await cli('sandbox', 'stop', 'walker')
  expect((await cli('sandbox', 'move', 'walker', '--to', FIRST)).code).toBe(0)
  expect(await view('walker')).toMatchObject({ host: FIRST, state: 'stopped' })
  expect(await exec('walker', 'cat note.txt')).toBe('one')
  expect(await view('walker')).toMatchObject({ host: FIRST, state: 'running' })
})

it('says why one cannot go, and it stays as it was', async () => {
  const same = await cli('sandbox', 'move', 'walker', '--to', FIRST)
  expect([same.code, same.stderr]).toEqual([5, expect.stringMatching(/is on 127\.0\.0\.2 already/)])
  const unknown = await cli('sandbox', 'move', 'walker', '--to', '10.9.9.9')
  expect([unknown.code, unknown.stderr]).toEqual([4, expect.stringMatching(/no host "10\.9\.9\.9"/)])
  expect(await exec('walker', 'cat note.txt')).toBe('one')
})

it('a host that dies while one is on its way there: it stays, and runs again', async () => {
  const moving = cli('sandbox', 'move', 'walker')
  await eventually(
    async () => (await cli('sandbox', 'get', 'walker', '--explain')).stdout.includes('leaves'),
    'it goes',
  )
  await fleet.stopRole(SECOND)
  const { code, stderr } = await moving
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/cannot be reached|UNREACHABLE|ended|hang up/i)
  expect(await view('walker')).toMatchObject({ host: FIRST })
  expect(await exec('walker', 'cat note.txt')).toBe('one')
  await fleet.startRole(SECOND)
  await eventually(async () => (await counts())[SECOND] === 0, 'the other host is back and has nothing')
}, 180_000)

it('a master that is killed in the middle: it stays where it is, and nothing is left', async () => {
  const moving = cli('sandbox', 'move', 'walker')
  await eventually(
    async () => (await cli('sandbox', 'get', 'walker', '--explain')).stdout.includes('leaves'),
    'it goes',
  )
  await fleet.stopRole('master')
  await moving
  await fleet.startRole('master')
  await eventually(
    async () => (await exec('walker', 'cat note.txt')) === 'one' && (await view('walker')).state === 'running',
    'it runs again',
    150_000,
  )
}, 240_000)

it('drain --move empties a host; a delete in the middle leaves nothing', async () => {
  const more: CreatedSandbox[] = []
  for (const name of ['two', 'three']) {
    more.push(await createSandbox(fleet.data.env, '--template', 'static', '--name', name))
  }
  const from = (await view('two')).host
  const draining = cli('host', 'drain', from, '--move')
  const { code, stderr } = await draining
  expect([code, stderr]).toEqual([0, expect.stringMatching(/has no sandboxes any more/)])
  expect((await counts())[from]).toBe(0)
  const to = from === FIRST ? SECOND : FIRST
  for (const name of ['walker', 'two', 'three']) expect(await view(name)).toMatchObject({ host: to, state: 'running' })
  await cli('host', 'undrain', from)
  const moving = cli('sandbox', 'move', 'two')
  await eventually(
    async () => (await cli('sandbox', 'get', 'two', '--explain')).stdout.includes(`leaves ${to}`),
    'it goes',
  )
  expect((await cli('sandbox', 'delete', 'two')).code).toBe(0)
  expect((await moving).code).not.toBe(0)
  for (const name of ['walker', 'three']) await cli('sandbox', 'delete', name)
  await eventually(
    async () => (await containersWith(`omega.fleet=${fleet.name}`, '-a')).length === 0,
    'nothing is left',
  )
  expect(await counts()).toEqual({ [FIRST]: 0, [SECOND]: 0 })
}, 180_000)
