import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerEngine, ContainerMark, ContainerSpec } from '../../src/core/container.ts'
import { newContainerKey, newSandboxId, newSnapshotId, newSubdomain } from '../../src/core/names.ts'
import { hashToken } from '../../src/drivers/credentials.ts'

export interface EngineSetup {
  /** A second engine over the same containers, as after a restart of the manager. */
  open(): Promise<ContainerEngine>
  /** A template whose worker answers. */
  good: string
  /** A template whose worker ends at once. */
  broken: string
  close(): Promise<void>
}

export function specOf(template: string): ContainerSpec {
  return {
    key: newContainerKey(randomBytes),
    template,
    domain: 'omega.test',
    claimHash: hashToken('a key of a test'),
    limits: { memoryMiB: 256, cpus: 1, pids: 64 },
  }
}

let nextPort = 10_000

export function markOf(overrides: Partial<ContainerMark> = {}): ContainerMark {
  return {
    sandboxId: newSandboxId(randomBytes),
    subdomain: newSubdomain(randomBytes),
    name: 'my-app',
    port: nextPort++,
    expiresAt: 0,
    stopped: false,
    ...overrides,
  }
}

/** Where a container's worker is reached now; throws when it is nowhere. */
export async function placeOf(engine: ContainerEngine, key: string): Promise<string> {
  const at = (await engine.inspect(key))?.at
  if (!at) throw new Error(`${key} has no place`)
  return `http://${at.address}:${at.port}`
}

/** Polls until the value is what is expected or two hundred looks were in vain; the last look's value is compared. */
export async function eventually<T>(look: () => Promise<T>, check: (value: T) => boolean): Promise<T> {
  let value = await look()
  for (let round = 0; round < 200 && !check(value); round++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    value = await look()
  }
  return value
}

/** What every ContainerEngine does, whatever it is made of. */
export function containerEngineSuite(name: string, setUp: () => Promise<EngineSetup>): void {
  describe(name, { timeout: 60_000 }, () => {
    let setup: EngineSetup
    let engine: ContainerEngine
    beforeAll(async () => {
      setup = await setUp()
      engine = await setup.open()
    }, 120_000)
    afterEach(async () => {
      for (const { key } of await engine.list()) await engine.remove(key)
    })
    afterAll(async () => {
      await engine.close()
      await setup.close()
    })

    const answers = ({ key }: { key: string }) =>
      eventually(
        async () =>
          fetch(`${await placeOf(engine, key)}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
            (response) => response.ok,
            () => false,
          ),
        Boolean,
      )

    it('answers a ping', async () => {
      await expect(engine.ping()).resolves.toBeUndefined()
    })

    it('starts a worker that answers, belongs to nobody, and tells how long the phases took', async () => {
      const spec = specOf(setup.good)
      const { container, timings } = await engine.start(spec)
      expect(Object.keys(timings).sort()).toEqual(['create', 'start'])
      const { key, template, domain } = spec
      const shown = { key, template, domain, state: 'running', mark: undefined, createdAt: expect.any(Number) }
      expect(container).toMatchObject(shown)
      expect(Math.abs(container.createdAt - Date.now())).toBeLessThan(60_000)
      expect(await answers(spec)).toBe(true)
      const at = { address: expect.any(String), port: expect.any(Number) }
      expect(await engine.list()).toEqual([{ ...shown, at }])
      expect(await engine.inspect(key)).toEqual({ ...shown, at, restarts: 0 })
    })

    it('keeps its mark, and everything else, through a restart of the manager', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      const mark = markOf({ expiresAt: 1_800_000_000_000 })
      await engine.mark(spec.key, mark)
      await engine.mark(spec.key, mark)
      const renamed = { ...mark, name: 'another-name', stopped: true }
      await engine.mark(spec.key, renamed)
      const second = await setup.open()
      expect(await second.list()).toEqual([expect.objectContaining({ key: spec.key, state: 'running', mark: renamed })])
      await second.stop(spec.key)
      expect(await second.inspect(spec.key)).toMatchObject({ state: 'stopped', mark: renamed, at: undefined })
      await second.close()
    })

    it('stops and starts again, with the mark and the files', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      expect(await answers(spec)).toBe(true)
      await fetch(`${await placeOf(engine, spec.key)}/_omega/claim`, { method: 'POST', body: '{"mine":1}' })
      const mark = markOf()
      await engine.mark(spec.key, mark)
      await engine.stop(spec.key)
      await engine.stop(spec.key)
      expect(await engine.inspect(spec.key)).toMatchObject({ state: 'stopped', mark })
      await engine.resume(spec.key)
      expect(await engine.resume(spec.key)).toMatchObject({ state: 'running', mark })
      expect(await answers(spec)).toBe(true)
      expect(await (await fetch(`${await placeOf(engine, spec.key)}/_omega/claim`)).text()).toBe('{"mine":1}')
    })

    it('freezes it as it is: asleep it does not answer, awake it is the same process', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      expect(await answers(spec)).toBe(true)
      const place = await placeOf(engine, spec.key)
      const bootOf = async () => (await fetch(`${place}/boot`)).text()
      const boot = await bootOf()
      await engine.freeze(spec.key)
      await engine.freeze(spec.key)
      expect(await engine.inspect(spec.key)).toMatchObject({ state: 'asleep' })
      expect(await engine.list()).toMatchObject([{ state: 'asleep' }])
      await expect(fetch(`${place}/healthz`, { signal: AbortSignal.timeout(300) })).rejects.toThrow()
      expect(await engine.resume(spec.key)).toMatchObject({ state: 'running' })
      expect(await bootOf()).toBe(boot)
      await engine.freeze(spec.key)
      await engine.stop(spec.key)
      expect(await engine.inspect(spec.key)).toMatchObject({ state: 'stopped' })
      await engine.resume(spec.key)
      await engine.freeze(spec.key)
      await engine.remove(spec.key)
      expect(await engine.list()).toEqual([])
    })

    it('copies one with its files, asleep or awake; each goes its own way', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      expect(await answers(spec)).toBe(true)
      await fetch(`${await placeOf(engine, spec.key)}/_omega/claim`, { method: 'POST', body: '{"mine":1}' })
      await engine.mark(spec.key, markOf())
      const one = specOf(setup.good)
      const { container, timings } = await engine.copy(spec.key, one)
      expect(container).toMatchObject({ key: one.key, state: 'running', mark: undefined })
      expect(Object.keys(timings)).toEqual(expect.arrayContaining(['create', 'start']))
      expect(await answers(one)).toBe(true)
      const claimAt = async (key: string) => (await fetch(`${await placeOf(engine, key)}/_omega/claim`)).text()
      expect(await claimAt(one.key)).toBe('{"mine":1}')
      await engine.freeze(spec.key)
      const two = specOf(setup.good)
      await engine.copy(spec.key, two)
      expect(await engine.inspect(spec.key)).toMatchObject({ state: 'asleep' })
      expect(await answers(two)).toBe(true)
      await engine.remove(spec.key)
      expect(await claimAt(two.key)).toBe('{"mine":1}')
      await expect(engine.copy(spec.key, specOf(setup.good))).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    })

    it('keeps snapshots of one that runs, sleeps or is stopped; what is made of them has the files of then', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      expect(await answers(spec)).toBe(true)
      const write = async (text: string) => {
        const answer = await fetch(`${await placeOf(engine, spec.key)}/_omega/note`, { method: 'POST', body: text })
        expect(answer.ok).toBe(true)
      }
      const saidAt = async (key: string) => (await fetch(`${await placeOf(engine, key)}/said`)).text()
      const sandboxId = newSandboxId(randomBytes)
      const take = (name: string, createdAt: number) =>
        engine.snapshots.take(spec.key, { id: newSnapshotId(randomBytes), sandboxId, name, createdAt })
      await write('one')
      const first = await take('first', 1_000)
      await write('two')
      await engine.freeze(spec.key)
      const second = await take('second', 2_000)
      await engine.stop(spec.key)
      const third = await take('third', 3_000)
      expect(first).toMatchObject({ sandboxId, name: 'first', createdAt: 1_000, bytes: expect.any(Number) })
      expect(first.bytes).toBeGreaterThan(0)
      const other = await setup.open()
      expect(await other.snapshots.list()).toEqual([first, second, third])
      await other.close()
      const made = specOf(setup.good)
      const { container } = await engine.copy(first.id, made)
      expect(container).toMatchObject({ key: made.key, state: 'running', mark: undefined })
      expect(await answers(made)).toBe(true)
      expect(await saidAt(made.key)).toBe('/_omega/note one\n')
      // What was made of one goes on without it, and can itself be copied.
      await engine.snapshots.remove(first.id)
      await engine.snapshots.remove(first.id)
      expect((await engine.snapshots.list()).map(({ name }) => name)).toEqual(['second', 'third'])
      await engine.stop(made.key)
      const copy = specOf(setup.good)
      await engine.copy(made.key, copy)
      expect(await answers(copy)).toBe(true)
      expect(await saidAt(copy.key)).toBe('/_omega/note one\n')
      const late = specOf(setup.good)
      await engine.copy(third.id, late)
      expect(await answers(late)).toBe(true)
      expect(await saidAt(late.key)).toBe('/_omega/note one\n/_omega/note two\n')
      for (const { key } of [late, copy, made]) await engine.remove(key)
      expect((await engine.snapshots.list()).map(({ name }) => name)).toEqual(['second', 'third'])
      for (const { id } of [second, third]) await engine.snapshots.remove(id)
      expect(await engine.snapshots.list()).toEqual([])
      await expect(engine.copy(third.id, specOf(setup.good))).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(await engine.list()).toHaveLength(1)
    })

    it('removes it whole, and twice', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      await Promise.all([engine.remove(spec.key), engine.remove(spec.key)])
      await engine.remove(spec.key)
      expect(await engine.list()).toEqual([])
      expect(await engine.inspect(spec.key)).toBeUndefined()
      await engine.stop(spec.key)
      await expect(engine.resume(spec.key)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
      await expect(engine.mark(spec.key, markOf())).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    })

    it('shows what the worker wrote, the last lines of it', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      const log = await eventually(
        () => engine.logs(spec.key, 10),
        (text) => text !== '',
      )
      expect(log).toMatch(/^stub worker of omega\.test as uid \d+\n$/)
      await expect(engine.logs(specOf('x').key, 10)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    })

    it('shows a worker that ended as not running, with its last words', async () => {
      const spec = specOf(setup.broken)
      await engine.start(spec)
      const ended = await eventually(
        () => engine.inspect(spec.key),
        (container) => container?.state !== 'running' || container.restarts > 0,
      )
      expect(ended?.state !== 'running' || ended.restarts > 0).toBe(true)
      expect(await engine.logs(spec.key, 1000)).toContain('stub: the disk is on fire')
    })

    it('does not know a template that is not there, and makes nothing', async () => {
      await expect(engine.start(specOf('nosuch'))).rejects.toMatchObject({ code: 'UNKNOWN_TEMPLATE' })
      expect(await engine.list()).toEqual([])
    })

    it('names its templates', async () => {
      expect(await engine.templates()).toEqual(expect.arrayContaining([setup.good, setup.broken]))
    })
  })
}
