import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ContainerRequest, ContainerStatus } from '../../../src/core/container.ts'
import type { Snapshot } from '../../../src/core/snapshot.ts'
import { SandboxSecrets } from '../../../src/drivers/sandbox-secrets.ts'
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

  it('on its way to another host nobody wakes it, also after a restart; told to stay it is as it was', async () => {
    harness = new ManagerHarness()
    await harness.open()
    const one = await make()
    const { sandboxId } = one.request
    const [left, { snapshots }] = (await post(sandboxId, 'leave')) as unknown as [number, { snapshots: Snapshot[] }]
    expect([left, snapshots.map(({ name }) => name)]).toEqual([200, ['omega.moving']])
    await harness.manager?.close()
    await harness.start()
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(await harness.list()).toMatchObject([{ state: 'stopped', leaving: true }])
    expect(await post(sandboxId, 'start')).toMatchObject([503, { code: 'NOT_READY' }])
    expect((await boot(one)).status).toBe(503)
    expect(await post(sandboxId, 'stay')).toMatchObject([200, { state: 'running', port: one.made.port }])
    expect((await harness.list())[0]).not.toHaveProperty('leaving')
    expect((await harness.call('GET', `/v1/containers/${sandboxId}/snapshots`)).body).toEqual({ snapshots: [] })
    // What was stopped on purpose stays so.
    await post(sandboxId, 'stop')
    await post(sandboxId, 'leave')
    expect(await post(sandboxId, 'stay')).toMatchObject([200, { state: 'stopped' }])
    expect(await post(sandboxId, 'stay')).toMatchObject([200, { state: 'stopped' }])
  })

  it('ends a stop that a crash has cut off between the mark and the deed', async () => {
    harness = new ManagerHarness()
    await harness.open()
    const one = await make()
    await harness.manager?.close()
    const path = join(harness.config.dataDir, 'processes', harness.keys()[0] ?? '', 'mark.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), stopped: true }))
    await harness.start()
    await eventually(harness.list.bind(harness), ([container]) => container?.state === 'stopped')
    await eventually(
      async () => told(),
      (list) => list.at(-1) === 'stopped stopped before',
    )
    expect((await boot(one)).status).toBe(200)
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

  describe('snapshots', () => {
    const at = (key: string) => join(harness.config.dataDir, 'processes', key, 'project/hello.txt')
    const snapshots = async (id: string) => {
      const { body } = await harness.call('GET', `/v1/containers/${id}/snapshots`)
      return (body as { snapshots: Snapshot[] }).snapshots
    }

    it('put back what was, with the same name, port and token, and processes of its own', async () => {
      harness = new ManagerHarness({ capacity: 1 })
      await harness.open()
      const one = await make()
      const { sandboxId } = one.request
      const [key = ''] = harness.keys()
      writeFileSync(at(key), 'then')
      const taken = await post(sandboxId, 'snapshots', { name: 'Then' })
      expect(taken).toMatchObject([200, { name: 'then', sandboxId }])
      writeFileSync(at(key), 'now')
      const before = await boot(one)
      expect(await post(sandboxId, 'snapshots/then/restore')).toMatchObject([
        200,
        { sandboxId, state: 'running', port: one.made.port, name: 'my-app' },
      ])
      const [next = '', ...others] = harness.keys()
      expect([others, next === key, readFileSync(at(next), 'utf8')]).toEqual([[], false, 'then'])
      const after = await boot(one)
      expect([after.status, after.text === before.text]).toEqual([200, false])
      // Also by its id, and of one that is stopped.
      await post(sandboxId, 'stop')
      const [{ id = '' } = {}] = await snapshots(sandboxId)
      expect(await post(sandboxId, `snapshots/${id}/restore`)).toMatchObject([200, { state: 'running' }])
      expect((await boot(one)).status).toBe(200)
      await harness.manager?.close()
      await harness.start()
      expect(await harness.list()).toMatchObject([{ sandboxId, state: 'running', port: one.made.port }])
      expect((await snapshots(sandboxId)).map(({ name }) => name)).toEqual(['then'])
    })

    it('are forked, deleted by name, and go with their sandbox', async () => {
      harness = new ManagerHarness({ capacity: 2 })
      await harness.open()
      const one = await make()
      const { sandboxId } = one.request
      const [key = ''] = harness.keys()
      writeFileSync(at(key), 'then')
      await post(sandboxId, 'snapshots', { name: 'then' })
      const [, unnamed] = await post(sandboxId, 'snapshots', {})
      expect(unnamed.name).toMatch(/^at-\d{4}-\d\d-\d\d-\d{6}$/)
      writeFileSync(at(key), 'now')
      const request = requestOf()
      expect(await post(sandboxId, 'fork?snapshot=then', request)).toMatchObject([200, { origin: 'copy' }])
      const copy = harness.keys().find((each) => each !== key) ?? ''
      expect(readFileSync(at(copy), 'utf8')).toBe('then')
      expect(await post(sandboxId, 'snapshots', { name: 'then' })).toMatchObject([409, { code: 'NAME_TAKEN' }])
      expect(await post(sandboxId, 'snapshots', { name: '-' })).toMatchObject([400, { code: 'INVALID_NAME' }])
      const remove = (name: string) => harness.call('DELETE', `/v1/containers/${sandboxId}/snapshots/${name}`)
      expect((await remove('then')).status).toBe(204)
      expect((await remove('then')).body).toMatchObject({
        code: 'NOT_FOUND',
        detail: `The sandbox has no snapshot "then". There are: ${unnamed.name}.`,
      })
      // Another sandbox's is none of its own.
      expect((await post(request.sandboxId, `snapshots/${unnamed.name}/restore`))[0]).toBe(404)
      expect(await snapshots(request.sandboxId)).toEqual([])
      await harness.call('DELETE', `/v1/containers/${sandboxId}`)
      expect(readdirSync(join(harness.config.dataDir, 'snapshots'))).toEqual([])
    })

    it('that cannot be put back leave what there is', async () => {
      harness = new ManagerHarness()
      await harness.open()
      const one = await make()
      const { sandboxId } = one.request
      const [key = ''] = harness.keys()
      await post(sandboxId, 'snapshots', { name: 'good' })
      writeFileSync(join(harness.config.dataDir, 'processes', key, 'project/broken'), '')
      await post(sandboxId, 'snapshots', { name: 'bad' })
      const before = await boot(one)
      expect(await post(sandboxId, 'snapshots/bad/restore')).toMatchObject([502, { code: 'CREATE_FAILED' }])
      expect((await boot(one)).text).toBe(before.text)
      expect(harness.keys()).toEqual([key])
    })

    it.each([
      ['the new one is there: the old one goes', true],
      ['the new one is not: the old one is the sandbox', false],
    ] as const)('cut off by a crash when the old one was set aside; %s', async (_what, isThere) => {
      harness = new ManagerHarness()
      await harness.open()
      const one = await make()
      const { sandboxId } = one.request
      const [key = ''] = harness.keys()
      await harness.manager?.close()
      const folder = join(harness.config.dataDir, 'processes')
      const mark = JSON.parse(readFileSync(join(folder, key, 'mark.json'), 'utf8')) as object
      writeFileSync(join(folder, key, 'mark.json'), JSON.stringify({ ...mark, replaced: true }))
      const next = 'ct_00000000000000000000'
      if (isThere) {
        cpSync(join(folder, key), join(folder, next), { recursive: true })
        const spec = JSON.parse(readFileSync(join(folder, next, 'spec.json'), 'utf8')) as object
        writeFileSync(join(folder, next, 'spec.json'), JSON.stringify({ ...spec, key: next }))
        writeFileSync(join(folder, next, 'mark.json'), JSON.stringify(mark))
        rmSync(join(folder, next, 'pid'))
      }
      await harness.start()
      const kept = isThere ? next : key
      await eventually(
        async () => harness.keys(),
        (keys) => keys.length === 1,
      )
      expect(harness.keys()).toEqual([kept])
      expect((await boot(one)).status).toBe(200)
      expect(await harness.list()).toMatchObject([{ sandboxId, port: one.made.port }])
    })
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
    const key = new SandboxSecrets(harness.config.dataDir, harness.config.address).claimKey(half)
    await fetch(`http://127.0.0.1:${port}/_omega/claim`, { method: 'POST', body: JSON.stringify({ key }) })
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
