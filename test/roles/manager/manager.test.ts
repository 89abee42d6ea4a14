import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../support/container-engine-suite.ts'
import { ManagerHarness, requestOf } from '../../support/manager-harness.ts'
import { throughDoor } from '../../support/through-door.ts'

describe('the manager', { timeout: 30_000 }, () => {
  const harness = new ManagerHarness({ capacity: 4 })
  beforeAll(() => harness.open())
  afterEach(() => harness.clear())
  afterAll(() => harness.close())

  const claimOf = async ({ subdomain }: { subdomain: string }, port: number) => {
    const { text } = await throughDoor(port, '/_omega/claim', `${subdomain}.omega.test:${port}`)
    return JSON.parse(text) as Record<string, unknown> | null
  }

  it('registers what it is, and beats', async () => {
    expect(harness.master.registrations[0]).toEqual({
      address: '127.0.0.1',
      apiUrl: harness.manager?.url,
      capacity: 4,
      runtime: 'process',
      version: expect.stringMatching(/^\d/),
    })
    const before = harness.master.beats
    expect(
      await eventually(
        async () => harness.master.beats,
        (beats) => beats > before,
      ),
    ).toBeGreaterThan(before)
  })

  it('starts and claims a container, and answers with its port and the phases', async () => {
    const request = requestOf()
    const { status, body } = await harness.put(request)
    const { sandboxId, subdomain, name, template } = request
    const shown = { sandboxId, subdomain, name, template, state: 'running', expiresAt: 0, hasToken: true }
    const facts = { port: expect.any(Number), createdAt: expect.any(Number) }
    expect([status, body]).toEqual([200, { ...shown, ...facts, timings: expect.any(Object), origin: 'start' }])
    const { port, timings } = body as { port: number; timings: Record<string, number> }
    expect(Object.keys(timings).sort()).toEqual(
      ['claim', 'create', 'healthy', 'mark', 'queue', 'start', 'total'].sort(),
    )
    expect(port).toBeGreaterThanOrEqual(harness.config.portRange[0])
    expect(port).toBeLessThanOrEqual(harness.config.portRange[1])
    expect(await claimOf(request, port)).toEqual({ ...request, port, key: expect.any(String) })
    const one = await harness.call('GET', `/v1/containers/${sandboxId}`)
    expect(one.body).toEqual({ ...shown, createdAt: expect.any(Number), port })
    expect(await harness.list()).toEqual([one.body])
    const logs = await harness.call('GET', `/v1/containers/${sandboxId}/logs?tail=1`)
    expect(logs.text).toMatch(/^stub worker of omega.test/)
  })

  it('calls the worker by its name', async () => {
    const request = requestOf()
    await harness.put(request)
    const [container] = await harness.list()
    const port = container?.port ?? 0
    const again = await throughDoor(port, '/_omega/claim', `${request.subdomain}.omega.test:${port}`, {
      method: 'POST',
      body: JSON.stringify(await claimOf(request, port)),
    })
    expect(again.status).toBe(200)
    expect((await harness.put(request)).status).toBe(200)
  })

  it('gives the same container for the same request, at once and later', async () => {
    const request = requestOf()
    const answers = await Promise.all([harness.put(request), harness.put(request), harness.put(request)])
    const later = await harness.put(request)
    const ports = [...answers, later].map(({ status, body }) => [status, (body as { port: number }).port])
    expect(new Set(ports.map(String)).size).toBe(1)
    expect(ports[0]?.[0]).toBe(200)
    expect(await harness.list()).toHaveLength(1)
  })

  it('refuses another request for the same sandbox', async () => {
    const request = requestOf()
    const [first, second] = await Promise.all([
      harness.put(request),
      harness.put({ ...request, token: 'another-token-0123456789' }),
    ])
    expect([first.status, second.status].sort()).toEqual([200, 409])
    expect((await harness.put({ ...request, token: 'another-token-0123456789' })).status).toBe(409)
    expect((await harness.put(request)).status).toBe(200)
  })

  it('never holds more than its capacity, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 9 }, () => harness.put(requestOf())))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 409, 409, 409, 409, 409])
    const refused = answers.find(({ status }) => status === 409)
    expect(refused?.body).toMatchObject({ code: 'HOST_FULL', capacity: 4 })
    const containers = await harness.list()
    expect(containers).toHaveLength(4)
    expect(new Set(containers.map(({ port }) => port)).size).toBe(4)
    await harness.call('DELETE', `/v1/containers/${containers[0]?.sandboxId}`)
    expect((await harness.put(requestOf())).status).toBe(200)
    expect((await harness.put(requestOf())).status).toBe(409)
  })

  it('removes what a failed start made, and says why it failed', async () => {
    const { status, body } = await harness.put(requestOf({ template: 'broken' }))
    expect([status, body]).toEqual([
      502,
      expect.objectContaining({ code: 'CREATE_FAILED', detail: expect.stringContaining('the disk is on fire') }),
    ])
    expect(await harness.list()).toEqual([])
    expect((await harness.put(requestOf({ template: 'nosuch' }))).body).toMatchObject({ code: 'UNKNOWN_TEMPLATE' })
    expect(await harness.list()).toEqual([])
    const all = await Promise.all(Array.from({ length: 4 }, () => harness.put(requestOf())))
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })

  it('takes another port when one is taken', async () => {
    const [first] = harness.config.portRange
    const squatters = await Promise.all(
      Array.from({ length: 99 }, (_, index) => {
        const server = createServer()
        return new Promise<typeof server>((resolve) =>
          server.listen(first + index, '127.0.0.1', () => resolve(server)).once('error', () => resolve(server)),
        )
      }),
    )
    try {
      const answers = []
      // Twenty tries a request, ninety-nine ports to strike out.
      for (let round = 0; round < 6; round++) answers.push((await harness.put(requestOf())).status)
      expect(answers).toContain(200)
      expect((await harness.list()).map(({ port }) => port)).toContain(first + 99)
    } finally {
      for (const server of squatters) server.close()
    }
  })

  it('deletes in any state: running, gone, unknown, while starting', async () => {
    const request = requestOf()
    await harness.put(request)
    const path = `/v1/containers/${request.sandboxId}`
    expect((await harness.call('DELETE', path)).status).toBe(204)
    expect((await harness.call('DELETE', path)).status).toBe(204)
    expect((await harness.call('GET', path)).body).toMatchObject({ code: 'SANDBOX_NOT_FOUND' })

    const mute = requestOf({ template: 'mute' })
    const starting = harness.put(mute)
    const state = await eventually(
      async () => harness.list(),
      (list) => list.some(({ state }) => state === 'starting'),
    )
    expect(state).toEqual([expect.objectContaining({ sandboxId: mute.sandboxId, state: 'starting' })])
    expect((await harness.call('DELETE', `/v1/containers/${mute.sandboxId}`)).status).toBe(204)
    expect(await starting).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect(await harness.list()).toEqual([])
  })

  it('may be asked to make, delete and make again without waiting for an answer', async () => {
    const request = requestOf()
    const path = `/v1/containers/${request.sandboxId}`
    const first = harness.put(request)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const gone = harness.call('DELETE', path)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const second = harness.put(request)
    const [one, two, three] = await Promise.all([first, gone, second])
    expect([409, 200]).toContain(one.status)
    expect(two.status).toBe(204)
    expect(three.status).toBe(200)
    expect(await harness.list()).toEqual([expect.objectContaining({ sandboxId: request.sandboxId, state: 'running' })])
  })

  it.each([
    ['PUT', '/v1/containers/sb_00000000000000000000000000'],
    ['GET', '/v1/containers'],
    ['GET', '/v1/containers/sb_00000000000000000000000000'],
    ['DELETE', '/v1/containers/sb_00000000000000000000000000'],
    ['GET', '/v1/containers/sb_00000000000000000000000000/logs'],
    ['GET', '/nothing/here'],
    ['POST', '/v1/hosts'],
    ['GET', '/healthz/../v1/containers'],
  ])('%s %s needs the key', async (method, path) => {
    const body = method === 'PUT' ? requestOf({ sandboxId: 'sb_00000000000000000000000000' }) : undefined
    for (const token of ['', 'wrong', harness.master.joinToken, `${harness.master.hostKey}x`]) {
      expect((await harness.call(method, path, body, token)).body).toMatchObject({
        status: 401,
        code: 'UNAUTHENTICATED',
      })
    }
    expect(await harness.list()).toEqual([])
  })

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['an unknown field', { ...requestOf(), privileged: true }],
    ['a bad subdomain', requestOf({ subdomain: '../x' })],
    ['a bad template', requestOf({ template: 'a/b' })],
    ['a bad variable', requestOf({ env: { 'A=B': 'x' } })],
    ['a short token', requestOf({ token: 'x' })],
    ['an array', []],
  ])('%s is refused and changes nothing', async (_what, body) => {
    const id = (body as { sandboxId?: string }).sandboxId ?? requestOf().sandboxId
    const answer = await harness.call('PUT', `/v1/containers/${id}`, body)
    expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'INVALID_REQUEST' })])
    expect(await harness.list()).toEqual([])
  })

  it('refuses a path and a body that differ, and an id that is none', async () => {
    const body = requestOf()
    expect((await harness.call('PUT', `/v1/containers/${requestOf().sandboxId}`, body)).status).toBe(400)
    expect((await harness.call('DELETE', '/v1/containers/sb_%2e%2e')).status).toBe(400)
    expect((await harness.call('GET', `/v1/containers/${body.sandboxId}/logs?tail=0`)).status).toBe(400)
  })

  it('shows its metrics, and no secret in them', async () => {
    await harness.put(requestOf())
    const { text } = await harness.call('GET', '/metrics', undefined, '')
    expect(text).toMatch(/^omega_containers\{state="running"\} 1$/m)
    expect(text).toMatch(/^omega_container_start_seconds_count\{phase="total",origin="start"\} \d+$/m)
    expect(text).not.toContain(harness.master.hostKey)
  })
})

describe('a manager and its master', { timeout: 30_000 }, () => {
  it('serves health but no orders until the master is there, and registers when it comes', async () => {
    const harness = new ManagerHarness()
    await harness.master.open()
    const url = harness.master.url
    await harness.master.close()
    const { start } = await import('../../../src/roles/manager/index.ts')
    harness.manager = await start({ ...harness.config, masterUrl: url })
    expect((await harness.call('GET', '/healthz', undefined, '')).status).toBe(200)
    expect((await harness.call('GET', '/readyz', undefined, '')).status).toBe(503)
    expect((await harness.put(requestOf())).body).toMatchObject({ code: 'NOT_READY' })
    expect((await harness.call('GET', '/v1/containers', undefined, '')).status).toBe(401)
    await harness.master.open()
    const ready = await eventually(
      () => harness.call('GET', '/readyz'),
      ({ status }) => status === 200,
    )
    expect(ready.body).toMatchObject({ status: 'ready', runtime: 'process', firewall: { enforced: false } })
    expect((await harness.put(requestOf())).status).toBe(200)
    await harness.close()
  })

  it('takes an order that comes before the answer with the key', async () => {
    const harness = new ManagerHarness()
    await harness.master.open()
    harness.master.answersAfterMs = 400
    const { start } = await import('../../../src/roles/manager/index.ts')
    harness.manager = await start({ ...harness.config, masterUrl: harness.master.url })
    await eventually(
      async () => harness.master.known,
      (known) => known,
    )
    expect((await harness.put(requestOf())).status).toBe(200)
    await harness.close()
  })

  it('goes on while the master is away, and registers again with one that forgot it', async () => {
    const harness = new ManagerHarness()
    await harness.open()
    const request = requestOf()
    await harness.put(request)
    await harness.master.close()
    expect((await harness.put(request)).status).toBe(200)
    harness.master.known = false
    await harness.master.open()
    const count = await eventually(
      async () => harness.master.registrations.length,
      (registrations) => registrations === 2,
    )
    expect(count).toBe(2)
    await harness.close()
  })

  it('close leaves the containers running, a new manager adopts them and starts those that stopped', async () => {
    const harness = new ManagerHarness()
    await harness.open()
    const requests = [requestOf(), requestOf()]
    for (const request of requests) await harness.put(request)
    const before = await harness.list()
    await harness.manager?.close()
    await harness.start()
    expect(await harness.list()).toEqual(before)
    for (const { port, subdomain } of before) {
      expect((await throughDoor(port, '/healthz', `${subdomain}.omega.test:${port}`)).status).toBe(200)
    }
    await harness.manager?.stopAll()
    // They are to run again when there is a manager.
    expect((await harness.list()).map(({ state }) => state)).toEqual(['starting', 'starting'])
    await harness.manager?.close()
    await harness.start()
    const after = await eventually(
      () => harness.list(),
      (list) => list.every(({ state }) => state === 'running'),
    )
    expect(after).toEqual(before)
    // Its claim was kept: the same request finds the same sandbox.
    expect((await harness.put(requests[0] ?? requestOf())).status).toBe(200)
    await harness.close()
  })

  it('close undoes what is being started and says so', async () => {
    const harness = new ManagerHarness()
    await harness.open()
    const starting = harness.put(requestOf({ template: 'mute' }))
    await eventually(
      () => harness.list(),
      (list) => list.some(({ state }) => state === 'starting'),
    )
    await harness.manager?.close()
    expect(await starting).toMatchObject({ status: 503, body: { code: 'NOT_READY' } })
    await harness.start()
    expect(await harness.list()).toEqual([])
    await harness.close()
  })
})

it('without isolation it lets nobody in from elsewhere, not even to its API', async () => {
  const harness = new ManagerHarness({ listen: '0.0.0.0' })
  await expect(harness.open()).rejects.toThrow(/loopback only/)
  await harness.close()
})
