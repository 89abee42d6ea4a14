import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { derive } from '../../../src/drivers/credentials.ts'
import { type CountedContainer, type CountingManager, startCountingManager } from '../../support/counting-manager.ts'
import { SECRET, startTestMaster, type TestMaster } from '../../support/master.ts'

const open: { close(): Promise<void> }[] = []
let master: TestMaster
let manager: CountingManager
let id: string
beforeEach(async () => {
  master = await startTestMaster()
  open.push(master)
  manager = await startCountingManager()
  open.push(manager)
  await master.join('127.0.0.2', manager.apiUrl, 3)
  id = (await post('', { name: 'mine' })).body.id ?? ''
})
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

const ask = async (method: string, path: string, body?: object) => {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const answer = await master.api(`/v1/sandboxes${path}`, init)
  return { ...answer, body: answer.body as unknown as Record<string, string | undefined> }
}
const post = (path: string, body?: object) => ask('POST', path, body)
const patch = (path: string, body: object) => ask('PATCH', path, body)
const stateOf = async (name = 'mine') => (await ask('GET', `/${name}`)).body.state
const container = () => manager.containers.get(id) as CountedContainer
const story = async (name = 'mine') => {
  const { body } = await master.api(`/v1/sandboxes/${name}/events`)
  const { events } = body as unknown as { events: { event: string; data: Record<string, unknown> }[] }
  return events.map(({ event, data }) => (data.cause === undefined ? event : `${event} (${data.cause})`))
}

describe('stop and start', () => {
  it('keep everything but the processes, tell the host, and are in the story with their cause', async () => {
    const before = (await ask('GET', '/mine')).body
    const stopped = await post('/mine/stop')
    expect([stopped.status, stopped.body]).toEqual([200, { ...before, state: 'stopped' }])
    expect(container().state).toBe('stopped')
    expect((await post('/mine/stop')).body.state).toBe('stopped')
    const started = await post('/mine/start')
    expect([started.status, started.body]).toEqual([200, before])
    expect(container().state).toBe('running')
    const told = (await story()).slice(-2)
    expect(told).toEqual(['stopped (asked)', 'started (asked)'])
  })

  it.each([
    ['asleep', 'awake (asked)'],
    ['stopped', 'started (asked)'],
  ] as const)('one that is %s is started for what needs it', async (state, event) => {
    await tellBeat({ sandboxId: id, state, cause: 'idle', at: Date.now() })
    container().state = state
    expect(await stateOf()).toBe(state)
    const { status, body } = await post('/mine/open-link')
    expect([status, body.openUrl]).toEqual([200, expect.stringContaining('/_omega/enter?token=')])
    expect([container().state, await stateOf()]).toEqual(['running', 'running'])
    expect((await story()).at(-1)).toBe(event)
  })

  it('of one that its host found on another port, the new one is told', async () => {
    container().port = 20_777
    expect((await post('/mine/start')).body).toMatchObject({ port: 20_777, state: 'running' })
  })

  it('say what is wrong, and change nothing then', async () => {
    manager.failWith = { status: 503, code: 'ENGINE_UNAVAILABLE', detail: 'no engine' }
    expect((await post('/mine/stop')).body).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    expect(await stateOf()).toBe('running')
    expect((await post('/nobody/stop')).body).toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    expect((await post('/nobody/start')).body).toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
  })

  it.each(['running', 'asleep', 'stopped'] as const)('one that is %s can be deleted', async (state) => {
    await tellBeat({ sandboxId: id, state, cause: 'idle', at: 1 })
    expect((await ask('DELETE', '/mine')).status).toBe(204)
    expect(manager.containers.size).toBe(0)
    expect((await ask('GET', '/mine')).status).toBe(404)
  })
})

it('one that is still being made can be deleted; its create says so and leaves nothing', async () => {
  const slow = await startCountingManager(200)
  open.push(slow)
  await master.join('127.0.0.9', slow.apiUrl, 9)
  await master.api('/v1/hosts/127.0.0.2/drain', { method: 'POST' })
  const creating = post('', { name: 'brief' })
  await expect.poll(() => stateOf('brief')).toBe('placing')
  expect((await ask('DELETE', '/brief')).status).toBe(204)
  const answer = await creating
  expect([answer.status, answer.body]).toEqual([409, expect.objectContaining({ code: 'CONFLICT' })])
  const { hosts } = (await master.api('/v1/hosts')).body as unknown as { hosts: { containers: number }[] }
  expect(hosts.map(({ containers }) => containers)).toEqual([1, 0])
  expect([slow.containers.size, (await ask('GET', '/brief')).status]).toEqual([0, 404])
})

describe('fork', () => {
  it('makes a sandbox of its own on the same host', async () => {
    await master.join('127.0.0.3', manager.apiUrl, 9)
    const { status, body, headers } = await post('/mine/fork', { name: 'copy', ttl: 60 })
    expect([status, headers.get('location')]).toEqual([201, `/v1/sandboxes/${body.id}`])
    expect(body).toMatchObject({ name: 'copy', state: 'running', host: '127.0.0.2', template: 'react' })
    expect(body.token).toBe(derive(SECRET, `sandbox/${body.id}`))
    expect([body.id === id, body.subdomain === container().subdomain]).toEqual([false, false])
    expect(manager.calls.at(-1)).toBe(`POST /v1/containers/${id}/fork`)
    expect(manager.containers.get(body.id ?? '')).toMatchObject({ name: 'copy', port: body.port })
    expect(Date.parse(body.expiresAt ?? '')).toBe(manager.containers.get(body.id ?? '')?.expiresAt)
    expect((await story()).at(-1)).toBe('forked')
    expect((await post('/mine/fork')).body.name).toMatch(/^react-/)
  })

  it('needs room on that host, a free name, and a source', async () => {
    await master.join('127.0.0.3', manager.apiUrl, 9)
    expect((await post('/mine/fork', { name: 'mine' })).body).toMatchObject({ code: 'NAME_TAKEN' })
    expect((await post('/none/fork')).body).toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    expect((await post('/mine/fork', { template: 'vue' })).body).toMatchObject({ code: 'INVALID_REQUEST' })
    await post('/mine/fork')
    await post('/mine/fork')
    const refused = await post('/mine/fork')
    expect([refused.status, refused.body]).toEqual([
      409,
      expect.objectContaining({ code: 'HOST_FULL', detail: expect.stringMatching(/127\.0\.0\.2.*3 of 3.*Delete/) }),
    ])
  })

  it('leaves nothing when it fails', async () => {
    manager.failWith = { status: 500, code: 'INTERNAL', detail: 'disk on fire' }
    expect((await post('/mine/fork', { name: 'copy' })).body).toMatchObject({ detail: 'disk on fire' })
    manager.failWith = undefined
    const { hosts } = (await master.api('/v1/hosts')).body as unknown as { hosts: { containers: number }[] }
    expect(hosts.map(({ containers }) => containers)).toEqual([1])
    expect([...manager.containers.keys()]).toEqual([id])
    expect((await post('/mine/fork', { name: 'copy' })).status).toBe(201)
  })
})

describe('name and end of life', () => {
  it('a new name is known everywhere, and the old one is free', async () => {
    const { status, body } = await patch('/mine', { name: 'Other' })
    expect([status, body.name, body.id]).toEqual([200, 'other', id])
    expect(container().name).toBe('other')
    expect((await ask('GET', '/mine')).status).toBe(404)
    expect((await post('', { name: 'mine' })).status).toBe(201)
    expect((await patch('/other', { name: 'mine' })).body).toMatchObject({ code: 'NAME_TAKEN' })
    expect((await patch('/other', { name: 'Not a name' })).body).toMatchObject({ code: 'INVALID_NAME' })
    expect((await story('other')).at(-1)).toBe('renamed')
  })

  it('is kept when the host does not answer', async () => {
    manager.failWith = { status: 503, code: 'ENGINE_UNAVAILABLE', detail: 'no engine' }
    expect((await patch('/mine', { name: 'other' })).body).toMatchObject({ name: 'other' })
  })

  it('the end is set at create, moved and taken away, and its host knows', async () => {
    expect((await ask('GET', '/mine')).body.expiresAt).toBeNull()
    const made = await post('', { ttl: 3600 })
    const inAnHour = Date.parse(made.body.expiresAt ?? '')
    expect(Math.abs(inAnHour - Date.now() - 3_600_000)).toBeLessThan(60_000)
    expect(manager.containers.get(made.body.id ?? '')?.expiresAt).toBe(inAnHour)

    const moved = await patch('/mine', { expiresAt: '2100-01-01T00:00:00Z' })
    expect(moved.body.expiresAt).toBe('2100-01-01T00:00:00.000Z')
    expect(container().expiresAt).toBe(Date.parse('2100-01-01T00:00:00Z'))
    const soon = Date.parse((await patch('/mine', { ttl: 60 })).body.expiresAt ?? '')
    expect(Math.abs(soon - Date.now() - 60_000)).toBeLessThan(30_000)
    expect((await patch('/mine', { ttl: null })).body.expiresAt).toBeNull()
    expect(container().expiresAt).toBe(0)
  })

  it.each([
    {},
    { ttl: 0 },
    { ttl: '2h' },
    { expiresAt: 'tomorrow' },
    { expiresAt: '2001-01-01T00:00:00Z' },
    { ttl: 60, expiresAt: '2100-01-01T00:00:00Z' },
    { state: 'stopped' },
  ])('%j is refused and changes nothing', async (body) => {
    const before = (await ask('GET', '/mine')).body
    const answer = await patch('/mine', body)
    expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'INVALID_REQUEST' })])
    expect((await ask('GET', '/mine')).body).toEqual(before)
  })
})

async function tellBeat(...changes: object[]): Promise<number> {
  const response = await fetch(`${master.url}/v1/hosts/127.0.0.2/beat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${derive(SECRET, 'host/127.0.0.2')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ changes }),
  })
  return response.status
}

describe('a beat', () => {
  const at = 1_764_000_000_000

  it('tells what became of sandboxes and why; a repeat does nothing', async () => {
    const asleep = { sandboxId: id, state: 'asleep', cause: 'idle for 10 min', at }
    expect(await tellBeat(asleep)).toBe(204)
    expect(await stateOf()).toBe('asleep')
    expect(await tellBeat(asleep)).toBe(204)
    await tellBeat({ ...asleep, state: 'running', cause: 'visit' }, { ...asleep, state: 'stopped', cause: 'memory' })
    expect(await stateOf()).toBe('stopped')
    expect((await story()).slice(-3)).toEqual(['asleep (idle for 10 min)', 'awake (visit)', 'stopped (memory)'])
    expect((await ask('GET', '/mine')).body.url).toContain(String(container().port))
  })

  it('does not touch sandboxes that are another host’s, unknown, or being deleted', async () => {
    const elsewhere = await fetch(`${master.url}/v1/hosts/127.0.0.2/beat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${derive(SECRET, 'host/127.0.0.2')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ changes: [{ sandboxId: `sb_${'0'.repeat(26)}`, state: 'asleep', cause: 'x', at }] }),
    })
    expect(elsewhere.status).toBe(204)
    await master.join('127.0.0.3', manager.apiUrl, 9)
    const other = await fetch(`${master.url}/v1/hosts/127.0.0.3/beat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${derive(SECRET, 'host/127.0.0.3')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ changes: [{ sandboxId: id, state: 'stopped', cause: 'x', at }] }),
    })
    expect([other.status, await stateOf()]).toEqual([204, 'running'])
  })

  it('may come without a body, and is refused with a wrong one', async () => {
    const beat = (init: RequestInit) =>
      fetch(`${master.url}/v1/hosts/127.0.0.2/beat`, {
        method: 'POST',
        ...init,
        headers: { authorization: `Bearer ${derive(SECRET, 'host/127.0.0.2')}`, ...init.headers },
      })
    expect((await beat({})).status).toBe(204)
    const wrong = JSON.stringify({ changes: [{ sandboxId: id, state: 'deleting', cause: 'x', at }] })
    expect((await beat({ body: wrong, headers: { 'content-type': 'application/json' } })).status).toBe(400)
    expect(await stateOf()).toBe('running')
  })
})

describe('create', () => {
  it('publishes the name while the container is being made, and withdraws it when that fails', async () => {
    const seen: string[] = []
    const dns = createServer((request, response) => {
      seen.push(`${request.method} ${manager.asked.length}`)
      request.resume()
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end('{"serial":1,"rrsets":[]}')
      }, 20)
    })
    await new Promise<void>((resolve) => dns.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => new Promise((resolve) => dns.close(() => resolve())) })
    const slow = await startCountingManager(100)
    open.push(slow)
    const named = await startTestMaster({ dnsUrl: `http://127.0.0.1:${(dns.address() as AddressInfo).port}` })
    open.push(named)
    await named.join('127.0.0.4', slow.apiUrl, 3)
    manager = slow
    expect((await named.api('/v1/sandboxes', { method: 'POST', body: '{}' })).status).toBe(201)
    // The manager had not answered, and so not counted, when the record was put.
    expect(seen).toEqual(['PUT 0'])
    slow.failWith = { status: 500, code: 'INTERNAL', detail: 'disk on fire' }
    expect((await named.api('/v1/sandboxes', { method: 'POST', body: '{}' })).status).toBe(502)
    expect(seen.map((line) => line.split(' ')[0])).toEqual(['PUT', 'PUT', 'DELETE'])
  })
})
