import { afterEach, describe, expect, it } from 'vitest'
import { derive } from '../../../src/drivers/credentials.ts'
import { type CountingManager, startCountingManager } from '../../support/counting-manager.ts'
import { DOMAIN, SECRET, startTestMaster, type TestMaster } from '../../support/master.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

async function fleet(capacities: number[]): Promise<{ master: TestMaster; managers: CountingManager[] }> {
  const master = await startTestMaster()
  open.push(master)
  const managers: CountingManager[] = []
  for (const [index, capacity] of capacities.entries()) {
    const manager = await startCountingManager()
    open.push(manager)
    managers.push(manager)
    await master.join(`127.0.0.${index + 2}`, manager.apiUrl, capacity)
  }
  return { master, managers }
}

const create = (master: TestMaster, body: object = {}, headers: Record<string, string> = {}) =>
  master.api('/v1/sandboxes', { method: 'POST', body: JSON.stringify(body), headers })

describe('create', () => {
  it('answers with the fields of the contract', async () => {
    const { master, managers } = await fleet([2])
    const { status, body, headers } = await create(master, { template: 'react', name: 'My-App' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      id: expect.stringMatching(/^sb_[0-9a-z]{26}$/),
      name: 'my-app',
      domain: DOMAIN,
      host: '127.0.0.2',
      port: 20_000,
      template: 'react',
      state: 'running',
    })
    const { id, subdomain, url, createdAt, openUrl, token } = body as Record<string, string>
    expect(url).toBe(`http://${subdomain}.${DOMAIN}:20000/`)
    expect(new Date(createdAt ?? '').toISOString()).toBe(createdAt)
    expect(openUrl?.startsWith(`${url}_omega/enter?token=`)).toBe(true)
    expect(token).toBe(derive(SECRET, `sandbox/${id}`))
    expect(headers.get('location')).toBe(`/v1/sandboxes/${id}`)
    expect([...(managers[0]?.containers.keys() ?? [])]).toEqual([id])
    expect(managers[0]?.tokens).toEqual(new Set([`Bearer ${derive(SECRET, 'host/127.0.0.2')}`]))
    for (const name of [id, subdomain, 'my-app']) {
      expect((await master.api(`/v1/sandboxes/${name}`)).body).toMatchObject({ id })
    }
  })

  it('fills hosts evenly, says no capacity when all are full, and goes on when one is deleted', async () => {
    const { master, managers } = await fleet([3, 3])
    const made = await Promise.all(Array.from({ length: 6 }, () => create(master)))
    expect(made.map(({ status }) => status)).toEqual(Array(6).fill(201))
    expect(managers.map(({ containers }) => containers.size)).toEqual([3, 3])
    const refused = await create(master)
    expect(refused.status).toBe(503)
    expect(refused.body).toMatchObject({ code: 'NO_CAPACITY', detail: expect.stringContaining('127.0.0.2 3/3') })
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    const { id, host } = made.map(({ body }) => body as unknown as { id: string; host: string })[0] ?? {
      id: '',
      host: '',
    }
    expect((await master.api(`/v1/sandboxes/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await master.api(`/v1/sandboxes/${id}`)).status).toBe(404)
    expect((await create(master)).body).toMatchObject({ host })
  })

  it('tries the next host when one fails, and leaves nothing behind on it', async () => {
    const { master, managers } = await fleet([5, 5])
    const [first] = managers
    if (first) first.failWith = { status: 500, code: 'INTERNAL', detail: 'disk on fire' }
    const { status, body } = await create(master)
    expect(status).toBe(201)
    expect(body).toMatchObject({ host: '127.0.0.3' })
    const { hosts } = (await master.api('/v1/hosts')).body as unknown as { hosts: { containers: number }[] }
    expect(hosts.map(({ containers }) => containers)).toEqual([0, 1])
  })

  it('says of every host why it failed, and gives slot and name back', async () => {
    const { master, managers } = await fleet([5])
    for (const manager of managers) manager.failWith = { status: 500, code: 'INTERNAL', detail: 'disk on fire' }
    const failed = await create(master, { name: 'phoenix' })
    expect(failed.status).toBe(502)
    expect(failed.body).toMatchObject({ code: 'CREATE_FAILED', detail: expect.stringContaining('disk on fire') })
    for (const manager of managers) manager.failWith = undefined
    expect((await create(master, { name: 'phoenix' })).status).toBe(201)
  })

  it('goes to a host that answers when one is unreachable', async () => {
    const { master } = await fleet([0, 1])
    await master.join('127.0.0.9', 'http://127.0.0.1:1', 9)
    expect((await create(master)).body).toMatchObject({ host: '127.0.0.3' })
    const { hosts } = (await master.api('/v1/hosts')).body as unknown as { hosts: { containers: number }[] }
    expect(hosts.map(({ containers }) => containers)).toEqual([0, 1, 0])
  })

  it('does the work once per Idempotency-Key', async () => {
    const { master, managers } = await fleet([5])
    const key = { 'idempotency-key': 'k-1' }
    const answers = await Promise.all([1, 2, 3].map(() => create(master, { template: 'node' }, key)))
    const ids = new Set(answers.map(({ body }) => (body as unknown as { id: string }).id))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(ids.size).toBe(1)
    expect(managers[0]?.asked.length).toBe(1)
    expect((await create(master, { template: 'vue' }, key)).body).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
  })

  it('writes what happened, on which host and how long each step took, also of what failed', async () => {
    const { master, managers } = await fleet([5, 5])
    const [first] = managers
    if (first) first.failWith = { status: 500, code: 'INTERNAL', detail: 'disk on fire' }
    const { id } = (await create(master)).body as Record<string, string>
    const { events } = (await master.api(`/v1/sandboxes/${id}/events`)).body as unknown as {
      events: { event: string; data: object }[]
    }
    const ms = expect.any(Number)
    expect(events.map(({ event, data }) => [event, data])).toEqual([
      ['placed', { host: '127.0.0.2', containers: 1, capacity: 5 }],
      ['failed', { host: '127.0.0.2', reason: expect.stringContaining('disk on fire'), ms }],
      ['placed', { host: '127.0.0.3', containers: 1, capacity: 5 }],
      ['container', { port: 20_000, ms }],
      ['running', { host: '127.0.0.3', port: 20_000, ms }],
    ])
  })

  it('keeps the maximum of the fleet', async () => {
    const master = await startTestMaster({ maxSandboxes: 2 })
    open.push(master)
    const manager = await startCountingManager()
    open.push(manager)
    await master.join('127.0.0.2', manager.apiUrl, 9)
    const made = await Promise.all([1, 2, 3, 4].map(() => create(master)))
    expect(made.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429])
    const refused = made.find(({ status }) => status === 429)
    expect(refused?.body).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      detail: expect.stringMatching(/has 2 sandboxes; 2 are allowed\. Delete one/),
    })
    expect(manager.containers.size).toBe(2)
  })

  it('tells its progress when asked for events', async () => {
    const { master } = await fleet([5])
    const { status, body } = await create(master, {}, { accept: 'text/event-stream' })
    expect(status).toBe(200)
    const events = [...String(body).matchAll(/^event: (\w+)$/gm)].map((match) => match[1])
    expect(events).toEqual(['progress', 'progress', 'progress', 'created'])
    const refused = await create(master, { template: 'cobol' }, { accept: 'text/event-stream' })
    expect(String(refused.body)).toMatch(/^event: problem\ndata: \{.*"code":"UNKNOWN_TEMPLATE"/)
  })
})

describe('bad input', () => {
  const cases: [string, object | string, number, string][] = [
    ['unknown template', { template: 'cobol' }, 400, 'UNKNOWN_TEMPLATE'],
    ['bad name', { name: 'Not a name!' }, 400, 'INVALID_NAME'],
    ['reserved name', { name: 'www' }, 400, 'INVALID_NAME'],
    ['unknown field', { templat: 'react' }, 400, 'INVALID_REQUEST'],
    ['wrong type', { template: 7 }, 400, 'INVALID_REQUEST'],
    ['malformed JSON', '{"template":', 400, 'INVALID_REQUEST'],
    ['oversized body', JSON.stringify({ env: { A: 'x'.repeat(300_000) } }), 413, 'TOO_LARGE'],
    ['bad variable name', { env: { 'A-B': '1' } }, 400, 'INVALID_REQUEST'],
  ]
  it.each(cases)('%s gets a clear error and changes nothing', async (_what, body, status, code) => {
    const { master, managers } = await fleet([1])
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await master.api('/v1/sandboxes', { method: 'POST', body: text })
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ code, status, detail: expect.stringMatching(/\w.*\./) })
    expect(managers[0]?.asked).toEqual([])
    expect((await master.api('/v1/sandboxes')).body).toEqual({ sandboxes: [] })
    expect((await create(master)).status).toBe(201)
  })

  it('a taken name is refused, and so are unknown sandboxes and hosts', async () => {
    const { master } = await fleet([3])
    expect((await create(master, { name: 'one' })).status).toBe(201)
    expect((await create(master, { name: 'one' })).body).toMatchObject({ code: 'NAME_TAKEN', status: 409 })
    const missing = await master.api('/v1/sandboxes/nobody', { method: 'DELETE' })
    expect(missing.body).toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    const host = await master.api('/v1/hosts/10.9.9.9/drain', { method: 'POST' })
    expect(host.body).toMatchObject({ code: 'HOST_NOT_FOUND' })
    expect((await master.api('/v1/nothing')).body).toMatchObject({ code: 'NOT_FOUND' })
  })
})
