import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../support/container-engine-suite.ts'
import { removeFleet } from '../../support/docker.ts'
import { ManagerHarness, requestOf } from '../../support/manager-harness.ts'
import { bundleRoles, type RoleProcess, runRole } from '../../support/role-process.ts'
import { buildStubImage } from '../../support/stub-image.ts'

/** kill -9 at some moment of a start, wherever that falls; then the promises must hold, whatever had been done. */
function crashSuite(runtime: 'process' | 'docker', template: string, delays: number[]): void {
  describe(`a manager killed while it starts a container (${runtime})`, { timeout: 120_000 }, () => {
    const fleet = `t${Math.random().toString(36).slice(2, 8)}`
    const harness = new ManagerHarness({ runtime, fleet, leftoverGraceMs: 400, tickEveryMs: 100 })
    let program = ''
    let removeImage: (() => void) | undefined

    beforeAll(async () => {
      if (runtime === 'docker') removeImage = buildStubImage(template)
      program = await bundleRoles(harness.root)
      await harness.master.open()
    }, 120_000)
    afterAll(async () => {
      const manager = await run()
      for (const { sandboxId } of await list(manager)) await call(manager, 'DELETE', sandboxId)
      for (const each of [manager, ...managers]) await each.kill()
      await harness.close()
      // What the last one was making when it was killed is still there, too.
      if (runtime === 'docker') await removeFleet(fleet)
      removeImage?.()
      rmSync(program, { force: true })
    }, 60_000)

    const managers: RoleProcess[] = []
    afterEach(async () => {
      for (const manager of managers.splice(0)) await manager.kill()
    })
    const run = async () => {
      const { log: _log, templates: _templates, ...config } = harness.config
      const manager = await runRole(program, 'manager', {
        ...config,
        masterUrl: harness.master.url,
        templatesFolder: harness.root,
      })
      managers.push(manager)
      return manager
    }
    const call = (manager: RoleProcess, method: string, id: string, body?: unknown) =>
      fetch(`${manager.url}/v1/containers${id && `/${id}`}`, {
        method,
        headers: {
          authorization: `Bearer ${harness.master.hostKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    const list = async (manager: RoleProcess) => {
      const answer = await eventually(
        () => call(manager, 'GET', ''),
        ({ status }) => status === 200,
      )
      return ((await answer.json()) as { containers: { sandboxId: string; state: string }[] }).containers
    }

    it.each(delays)(
      'after %i ms: what was acknowledged is there, what was not is gone or can be finished',
      async (ms) => {
        const kept = requestOf({ template })
        const lost = requestOf({ template })
        const retried = requestOf({ template })
        const first = await run()
        await list(first)
        expect((await call(first, 'PUT', kept.sandboxId, kept)).status).toBe(200)
        const answered: string[] = []
        const pending = [lost, retried].map(async (request) => {
          const answer = await call(first, 'PUT', request.sandboxId, request).catch(() => undefined)
          if (answer?.status === 200) answered.push(request.sandboxId)
        })
        await new Promise((resolve) => setTimeout(resolve, ms))
        await first.kill()
        await Promise.all(pending)

        const second = await run()
        await list(second)
        // The master asks for one of them again, and for the other never.
        const again = await call(second, 'PUT', retried.sandboxId, retried)
        expect(again.status).toBe(200)
        const settled = await eventually(
          () => list(second),
          (containers) => containers.every(({ state }) => state === 'running'),
        )
        const ids = settled.map(({ sandboxId }) => sandboxId)
        expect(settled.every(({ state }) => state === 'running')).toBe(true)
        expect(ids).toContain(kept.sandboxId)
        expect(ids).toContain(retried.sandboxId)
        expect(new Set(ids).size).toBe(ids.length)
        for (const id of answered) expect(ids).toContain(id)
        // Claimed but not acknowledged may stay: the master's reconciler, which never heard of it, deletes it.
        for (const id of [kept, lost, retried].map(({ sandboxId }) => sandboxId)) {
          expect((await call(second, 'DELETE', id)).status).toBe(204)
        }
        expect(await list(second)).toEqual([])
      },
    )
  })
}

crashSuite('process', 'good', [0, 10, 30, 80, 180])
crashSuite('docker', `stub-crash-${process.pid}`, [120, 400])
