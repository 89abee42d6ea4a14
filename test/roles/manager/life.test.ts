import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ContainerRequest, ContainerStatus } from '../../../src/core/container.ts'
import { eventually } from '../../support/container-engine-suite.ts'
import { ManagerHarness, requestOf } from '../../support/manager-harness.ts'
import { throughDoor } from '../../support/through-door.ts'

describe('the life of a container', { timeout: 60_000 }, () => {
  let harness: ManagerHarness
  afterEach(() => harness.close())

  const make = async (request: ContainerRequest = requestOf()) => {
    const { status, body } = await harness.put(request)
    expect(status).toBe(200)
    return { request, made: body as ContainerStatus }
  }
  const post = async (id: string, verb: string, body?: unknown) => {
    const answer = await harness.call('POST', `/v1/containers/${id}/${verb}`, body)
    return [answer.status, answer.body as ContainerStatus] as const
  }
  const boot = async ({
    request: { subdomain, token },
    made,
  }: {
    request: ContainerRequest
    made: ContainerStatus
  }) => {
    const headers = { authorization: `Bearer ${token}` }
    return throughDoor(made.port, '/boot', `${subdomain}.omega.test:${made.port}`, { headers, timeoutMs: 20_000 })
  }
  const told = () => harness.master.changes.map(({ state, cause }) => `${state} ${cause}`)

  it('freezes and wakes with the same processes; a visit with the token wakes it, too', async () => {
    harness = new ManagerHarness()
    await harness.open()
    const one = await make()
    const { sandboxId } = one.request
    const before = await boot(one)
    expect(await post(sandboxId, 'freeze')).toMatchObject([200, { state: 'asleep', port: one.made.port }])
    expect(await post(sandboxId, 'freeze')).toMatchObject([200, { state: 'asleep' }])
    expect(await harness.list()).toMatchObject([{ state: 'asleep' }])
    expect((await boot(one)).text).toBe(before.text)
    expect(await harness.list()).toMatchObject([{ state: 'running' }])
    await post(sandboxId, 'freeze')
    expect(await post(sandboxId, 'start')).toMatchObject([200, { state: 'running' }])
    expect((await boot(one)).text).toBe(before.text)
    expect(
      await eventually(
        async () => told(),
        (list) => list.length === 4,
      ),
    ).toEqual(['asleep asked', 'running visit', 'asleep asked', 'running asked'])
  })

  it('stopped on purpose it stays so through a restart, and starts on the same port', async () => {
    harness = new ManagerHarness()
    await harness.open()
    const one = await make()
    const { sandboxId } = one.request
    const before = await boot(one)
    expect(await post(sandboxId, 'stop')).toMatchObject([200, { state: 'stopped', port: one.made.port }])
    await harness.manager?.close()
    await harness.start()
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(await harness.list()).toMatchObject([{ state: 'stopped', port: one.made.port, hasToken: true }])
    const { subdomain } = one.request
    const stranger = await throughDoor(one.made.port, '/boot', `${subdomain}.omega.test:${one.made.port}`)
    expect(stranger.status).toBe(401)
    const after = await boot(one)
    expect([after.status, after.text === before.text]).toEqual([200, false])
    expect(await harness.list()).toMatchObject([{ state: 'running', port: one.made.port }])
  })

  it('deletes one that sleeps and one that is stopped', async () => {
    harness = new ManagerHarness()
    await harness.open()
    const [one, two] = [await make(), await make()]
    await post(one.request.sandboxId, 'freeze')
    await post(two.request.sandboxId, 'stop')
    for (const { request } of [one, two]) {
      expect((await harness.call('DELETE', `/v1/containers/${request.sandboxId}`)).status).toBe(204)
    }
    expect(await harness.list()).toEqual([])
    await expect(boot(one)).rejects.toThrow(/ECONNREFUSED/)
    expect(await post(one.request.sandboxId, 'start')).toMatchObject([404, { code: 'SANDBOX_NOT_FOUND' }])
  })

  it('is called something else, also after a restart', async () => {
    harness = new ManagerHarness()
    await harness.open()
    const one = await make()
    expect(await post(one.request.sandboxId, 'rename', { name: 'new-name' })).toMatchObject([200, { name: 'new-name' }])
    await harness.manager?.close()
    await harness.start()
    expect(await harness.list()).toMatchObject([{ name: 'new-name' }])
    const ends = Date.now() + 3_600_000
    const again = await harness.put({ ...one.request, expiresAt: ends })
    expect(again.body).toMatchObject({ name: 'new-name', expiresAt: ends })
    expect(await harness.list()).toMatchObject([{ name: 'new-name', expiresAt: ends }])
    expect((await post(one.request.sandboxId, 'rename', { name: '-' }))[0]).toBe(400)
  })

  it('forks: the files are there, and each goes its own way', async () => {
    harness = new ManagerHarness({ capacity: 2 })
    await harness.open()
    const one = await make()
    const project = (key: string) => join(harness.config.dataDir, 'processes', key, 'project/hello.txt')
    const keys = () => harness.keys()
    const [source = ''] = keys()
    writeFileSync(project(source), 'changed')
    const request = requestOf({ token: 'the-token-of-the-fork-0123456789012' })
    const [status, fork] = await post(one.request.sandboxId, 'fork', request)
    expect([status, fork]).toMatchObject([200, { sandboxId: request.sandboxId, state: 'running', origin: 'copy' }])
    expect(fork.port).not.toBe(one.made.port)
    const copy = keys().find((key) => key !== source) ?? ''
    expect(readFileSync(project(copy), 'utf8')).toBe('changed')
    writeFileSync(project(copy), 'again')
    expect(readFileSync(project(source), 'utf8')).toBe('changed')
    expect((await boot({ request, made: fork })).status).toBe(200)
    expect((await post(one.request.sandboxId, 'fork', requestOf()))[1]).toMatchObject({ code: 'HOST_FULL' })
    const other = requestOf({ template: 'broken' })
    expect((await post(one.request.sandboxId, 'fork', other))[0]).toBe(400)
    expect((await post(requestOf().sandboxId, 'fork', requestOf()))[0]).toBe(404)
  })

  it('takes containers from the pool, fills it again, and never holds more than its capacity', async () => {
    harness = new ManagerHarness({ capacity: 3, warm: 2 })
    await harness.open()
    const first = await make()
    expect(first.made.origin).toBe('start')
    const warm = async () => Number(/^omega_containers\{state="warm"\} (\d)$/m.exec(await harness.metrics())?.[1])
    const readyAre = (count: number) => eventually(warm, (number) => number === count)
    expect(await readyAre(2)).toBe(2)
    const second = await make()
    expect(second.made.origin).toBe('pool')
    expect(Object.keys(second.made.timings ?? {}).sort()).toEqual(['claim', 'mark', 'total'])
    expect((await boot(second)).status).toBe(200)
    // Two are sandboxes', so there is room for one more.
    expect(await readyAre(1)).toBe(1)
    expect(harness.keys()).toHaveLength(3)
    const third = await make()
    expect(third.made.origin).toBe('pool')
    expect((await harness.put(requestOf())).body).toMatchObject({ code: 'HOST_FULL' })
    expect(harness.keys()).toHaveLength(3)
    expect(await harness.list()).toHaveLength(3)
  })

  it('makes room for a template that is not in the pool', async () => {
    harness = new ManagerHarness({ capacity: 3, warm: 2 })
    await harness.open()
    await make()
    await eventually(
      async () => harness.keys().length,
      (count) => count === 3,
    )
    expect((await make(requestOf({ template: 'other' }))).made.origin).toBe('start')
    expect(harness.keys().length).toBeLessThanOrEqual(3)
  })

  it('a new manager finds the pool of the one before, and drops what was claimed half', async () => {
    harness = new ManagerHarness({ warm: 2 })
    await harness.open()
    await make()
    await eventually(
      async () => /^omega_containers\{state="warm"\} 2$/m.test(await harness.metrics()),
      (isFull) => isFull,
    )
    const before = harness.keys()
    await harness.manager?.close()
    const [half = '', ready = ''] = harness.free().map(({ key }) => key)
    // Its worker took a claim, and the manager died before it wrote so on the container.
    const port = readFileSync(join(harness.config.dataDir, 'processes', half, 'port'), 'utf8')
    await fetch(`http://127.0.0.1:${port}/_omega/claim`, { method: 'POST', body: '{}' })
    await harness.start()
    const after = await eventually(
      async () => harness.keys(),
      (keys) => !keys.includes(half),
    )
    expect(after).not.toContain(half)
    expect(after).toContain(ready)
    expect(before).toContain(ready)
    expect((await make()).made.origin).toBe('pool')
  })

  it('stopping everything removes the pool and keeps the sandboxes', async () => {
    harness = new ManagerHarness({ warm: 1 })
    await harness.open()
    await make()
    await eventually(
      async () => harness.keys().length,
      (count) => count === 2,
    )
    await harness.manager?.stopAll()
    expect(harness.keys()).toHaveLength(1)
    await harness.start()
  })

  it('tells its token again when the manager lost it', async () => {
    harness = new ManagerHarness()
    await harness.open()
    const one = await make()
    await harness.manager?.close()
    harness.forgetTokens()
    await harness.start()
    expect(await harness.list()).toMatchObject([{ hasToken: false }])
    await post(one.request.sandboxId, 'freeze')
    expect((await boot(one)).status).toBe(401)
    expect((await harness.put(one.request)).body).toMatchObject({ hasToken: true, state: 'asleep' })
    expect((await boot(one)).status).toBe(200)
  })
})
