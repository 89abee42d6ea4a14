import { afterAll, beforeAll, expect, it } from 'vitest'
import { containerOf, containersWith } from '../support/docker.ts'
import { TestFleet } from '../support/fleet.ts'
import { type CreatedSandbox, createSandbox, dig, omega, run } from '../support/omega.ts'

/** Master, manager and dns as separate processes, Redis as store, two hosts of three slots. */
let fleet: TestFleet
const made: CreatedSandbox[] = []

beforeAll(async () => {
  fleet = await TestFleet.start({
    name: `pair${process.pid}`,
    domain: 'pair.test',
    addresses: ['127.0.0.2', '127.0.0.3'],
    capacity: 3,
  })
})
afterAll(() => fleet?.close())

const cli = async (...args: string[]) => (await run('redis-cli', ['-u', fleet.redis.url, ...args])).stdout.trim()

it('six creates at once go three to each host, the seventh hears of no capacity', async () => {
  made.push(
    ...(await Promise.all(Array.from({ length: 6 }, () => createSandbox(fleet.data.env, '--template', 'static')))),
  )
  expect(made.map(({ host }) => host).sort()).toEqual([...Array(3).fill('127.0.0.2'), ...Array(3).fill('127.0.0.3')])
  expect(new Set(made.map(({ host, port }) => `${host}:${port}`)).size).toBe(6)
  for (const { host, subdomain, id } of made) {
    expect(await dig(fleet.dnsPort, `${subdomain}.pair.test`)).toEqual([host])
    expect(await containerOf(id)).toHaveLength(1)
  }
  // Full hosts are not in the set.
  expect(await cli('ZCARD', `{${fleet.name}}:hosts`)).toBe('0')
  expect(await cli('HLEN', `{${fleet.name}}:ports`)).toBe('6')
  const seventh = await omega(['sandbox', 'create', '--template', 'static', '--json'], fleet.data.env)
  expect(seventh.code).toBe(6)
  expect(seventh.stderr).toMatch(/no capacity: all 2 hosts are full.*127\.0\.0\.2 3\/3.*Delete a sandbox or add a host/)
  expect(await containersWith(`omega.fleet=${fleet.name}`, '-a')).toHaveLength(6)
})

it('a delete frees its slot, and the next create goes there', async () => {
  const gone = made.splice(
    made.findIndex(({ host }) => host === '127.0.0.3'),
    1,
  )
  for (const { id, subdomain } of gone) {
    expect((await omega(['sandbox', 'delete', id], fleet.data.env)).code).toBe(0)
    expect(await dig(fleet.dnsPort, `${subdomain}.pair.test`)).toEqual([])
  }
  expect(await cli('ZSCORE', `{${fleet.name}}:hosts`, '127.0.0.3')).toBe('2')
  const next = await createSandbox(fleet.data.env, '--template', 'static')
  expect(next.host).toBe('127.0.0.3')
  made.push(next)
})

it('a drained host takes no sandboxes', async () => {
  const [first] = made.splice(
    made.findIndex(({ host }) => host === '127.0.0.2'),
    1,
  )
  await omega(['sandbox', 'delete', first?.id ?? ''], fleet.data.env)
  expect((await omega(['host', 'drain', '127.0.0.2'], fleet.data.env)).code).toBe(0)
  expect((await omega(['sandbox', 'create', '--template', 'static'], fleet.data.env)).stderr).toMatch(
    /127\.0\.0\.2 2\/3 draining/,
  )
  expect((await omega(['host', 'undrain', '127.0.0.2'], fleet.data.env)).code).toBe(0)
  const next = await createSandbox(fleet.data.env, '--template', 'static')
  expect(next.host).toBe('127.0.0.2')
  made.push(next)
})

it('all deleted: no container, no record, no count is left', async () => {
  const { code } = await omega(['sandbox', 'delete', ...made.map(({ id }) => id)], fleet.data.env)
  expect(code).toBe(0)
  expect(await containersWith(`omega.fleet=${fleet.name}`, '-a')).toEqual([])
  for (const { subdomain } of made) expect(await dig(fleet.dnsPort, `${subdomain}.pair.test`)).toEqual([])
  for (const host of ['127.0.0.2', '127.0.0.3']) expect(await cli('ZSCORE', `{${fleet.name}}:hosts`, host)).toBe('0')
  expect(await cli('HLEN', `{${fleet.name}}:ports`)).toBe('0')
  expect(JSON.parse((await omega(['dns', 'list', '--json'], fleet.data.env)).stdout)).toEqual([])
})

it('every role stops in good order on SIGTERM', async () => {
  for (const role of ['127.0.0.3', '127.0.0.2', 'master', 'dns'])
    expect([role, await fleet.stopRole(role, 'SIGTERM')]).toEqual([role, 0])
})
