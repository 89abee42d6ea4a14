import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerEngine, ContainerSpec } from '../../src/core/container.ts'
import { newSandboxId, newSubdomain } from '../../src/core/names.ts'
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

// Test files run beside each other: two hundred ports for each of vitest's workers.
let nextPort = 10_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 10) * 200

export function specOf(template: string, port = nextPort++): ContainerSpec {
  return {
    sandboxId: newSandboxId(randomBytes),
    subdomain: newSubdomain(randomBytes),
    template,
    port,
    domain: 'omega.test',
    claimHash: hashToken('a token of a test'),
    limits: { memoryMiB: 256, cpus: 1, pids: 64 },
  }
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
      for (const { sandboxId } of await engine.list()) await engine.remove(sandboxId)
    })
    afterAll(async () => {
      await engine.close()
      await setup.close()
    })

    const answers = async (spec: ContainerSpec) => {
      const { address, port } = engine.reach(spec)
      return eventually(
        () =>
          fetch(`http://${address}:${port}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
            (response) => response.ok,
            () => false,
          ),
        Boolean,
      )
    }

    it('answers a ping', async () => {
      await expect(engine.ping()).resolves.toBeUndefined()
    })

    it('starts a worker that answers on its port, and tells how long the phases took', async () => {
      const spec = specOf(setup.good)
      const answer = await engine.start(spec)
      expect(answer).toMatchObject({ outcome: 'started', port: spec.port })
      expect(Object.keys(answer.outcome === 'started' ? answer.timings : {}).sort()).toEqual(['create', 'start'])
      expect(await answers(spec)).toBe(true)
      const { sandboxId, subdomain, template, port } = spec
      const container = { sandboxId, subdomain, template, port, state: 'running', claimed: false }
      expect(await engine.list()).toEqual([container])
      expect(await engine.inspect(sandboxId)).toEqual({ ...container, restarts: 0 })
    })

    it('keeps the mark of a claim, and everything else, through a restart of the manager', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      await engine.confirm(spec.sandboxId)
      await engine.confirm(spec.sandboxId)
      const second = await setup.open()
      const { sandboxId, subdomain, template, port } = spec
      expect(await second.list()).toEqual([{ sandboxId, subdomain, template, port, state: 'running', claimed: true }])
      await second.close()
    })

    it('starts a sandbox once, whatever port is asked for the second time', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      const again = await engine.start({ ...spec, port: spec.port + 500 })
      expect(again).toMatchObject({ outcome: 'existed', port: spec.port })
      expect(await engine.list()).toHaveLength(1)
    })

    it('says that a port is taken and leaves nothing behind', async () => {
      const squatter = createServer()
      const spec = specOf(setup.good)
      const { address } = engine.reach(spec)
      await new Promise<void>((resolve) => squatter.listen(spec.port, address, resolve))
      try {
        expect(await engine.start(spec)).toEqual({ outcome: 'portTaken' })
        expect(await engine.list()).toEqual([])
        expect(await engine.start({ ...spec, port: nextPort++ })).toMatchObject({ outcome: 'started' })
      } finally {
        squatter.close()
      }
    })

    it('stops and starts again on the same port, with the claim and the files', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      expect(await answers(spec)).toBe(true)
      const { address, port } = engine.reach(spec)
      const url = `http://${address}:${port}/_omega/claim`
      await fetch(url, { method: 'POST', body: '{"mine":1}' })
      await engine.confirm(spec.sandboxId)
      await engine.stop(spec.sandboxId)
      expect(await engine.inspect(spec.sandboxId)).toMatchObject({ state: 'stopped', claimed: true })
      await engine.stop(spec.sandboxId)
      await engine.resume(spec.sandboxId)
      await engine.resume(spec.sandboxId)
      expect(await answers(spec)).toBe(true)
      expect(await (await fetch(url)).text()).toBe('{"mine":1}')
      expect(await engine.inspect(spec.sandboxId)).toMatchObject({ state: 'running', claimed: true })
    })

    it('start does what resume does for one that was stopped', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      await engine.stop(spec.sandboxId)
      expect(await engine.start(spec)).toMatchObject({ outcome: 'existed', port: spec.port })
      expect(await answers(spec)).toBe(true)
    })

    it('removes it whole, and twice', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      await Promise.all([engine.remove(spec.sandboxId), engine.remove(spec.sandboxId)])
      await engine.remove(spec.sandboxId)
      expect(await engine.list()).toEqual([])
      expect(await engine.inspect(spec.sandboxId)).toBeUndefined()
      expect(await engine.start(spec)).toMatchObject({ outcome: 'started', port: spec.port })
    })

    it('shows what the worker wrote, the last lines of it', async () => {
      const spec = specOf(setup.good)
      await engine.start(spec)
      const log = await eventually(
        () => engine.logs(spec.sandboxId, 10),
        (text) => text !== '',
      )
      expect(log).toMatch(/^stub worker of omega\.test as uid \d+\n$/)
      await expect(engine.logs(specOf('x').sandboxId, 10)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    })

    it('shows a worker that ended as not running, with its last words', async () => {
      const spec = specOf(setup.broken)
      await engine.start(spec)
      const ended = await eventually(
        () => engine.inspect(spec.sandboxId),
        (container) => container?.state !== 'running' || container.restarts > 0,
      )
      expect(ended?.state !== 'running' || ended.restarts > 0).toBe(true)
      expect(await engine.logs(spec.sandboxId, 1000)).toContain('stub: the disk is on fire')
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
