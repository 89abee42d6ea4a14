import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLiving } from '../../src/core/sandbox.ts'
import { EmbeddedFleetStore } from '../../src/drivers/embedded-fleet-store.ts'
import { fleetFeedConformance } from '../support/fleet-feed-conformance.ts'
import { fleetStoreConformance, newHost, newSandbox, type StoreRig } from '../support/fleet-store-conformance.ts'
import { fleetStoreModel } from '../support/fleet-store-model.ts'
import { startProgram } from '../support/program.ts'

const log = pino({ level: 'silent' })

async function openRig(): Promise<StoreRig> {
  const dir = mkdtempSync(join(tmpdir(), 'omega-fleet-'))
  const store = await EmbeddedFleetStore.open(dir, log)
  const rig: StoreRig = {
    store,
    second: store,
    async look() {
      const [hosts, sandboxes] = [await rig.store.listHosts(), await rig.store.list()]
      const open = hosts.filter((host) => host.state === 'ready' && host.containers < host.capacity)
      const living = sandboxes.filter(({ state }) => isLiving(state))
      return {
        offered: Object.fromEntries(open.map(({ address, containers }) => [address, containers])),
        ports: Object.fromEntries(living.map(({ subdomain, port }) => [subdomain, port])),
      }
    },
    async disturb() {
      await rig.store.close()
      rig.store = await EmbeddedFleetStore.open(dir, log)
      rig.second = rig.store
    },
    async close() {
      await rig.store.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return rig
}

fleetStoreConformance('EmbeddedFleetStore', openRig)
fleetStoreModel('EmbeddedFleetStore', openRig)
fleetFeedConformance('EmbeddedFleetStore', openRig)

describe('EmbeddedFleetStore', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'omega-fleet-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('takes nobody for silent that it could not hear while it was closed', async () => {
    let time = 1_000_000
    const first = await EmbeddedFleetStore.open(join(dir, 'fleet'), log, () => time)
    await first.register(newHost('10.0.0.1'))
    await first.close()
    time += 3_600_000
    const second = await EmbeddedFleetStore.open(join(dir, 'fleet'), log, () => time)
    expect(await second.markSilent(20_000, 60_000)).toEqual([])
    time += 20_000
    expect(await second.markSilent(20_000, 60_000)).toEqual(['10.0.0.1'])
    await second.close()
  })

  it('lets no time go backwards when the clock is set back', async () => {
    let time = 1_000_000
    const store = await EmbeddedFleetStore.open(join(dir, 'fleet'), log, () => time)
    await store.register(newHost('10.0.0.1'))
    await store.place(newSandbox('a'))
    time = 5
    await store.place(newSandbox('b'))
    expect((await store.list()).map((sandbox) => sandbox.createdAt)).toEqual([1_000_000, 1_000_000])
    await store.close()
  })

  it('compacts now and then, and is the same after it', async () => {
    const store = await EmbeddedFleetStore.open(join(dir, 'fleet'), log)
    await store.register(newHost('10.0.0.1', 10))
    for (let round = 0; round < 60; round++) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => store.record(`sb_${index}`, `round-${round}`, {})))
    }
    await store.place(newSandbox('1'))
    const [list, events] = [await store.list(), await store.events('sb_1')]
    expect(events.length).toBe(60)
    await store.close()
    const again = await EmbeddedFleetStore.open(join(dir, 'fleet'), log)
    expect([await again.list(), await again.events('sb_1')]).toEqual([list, events])
    await again.close()
  })

  it('loses no acknowledged sandbox and no slot when its process is killed in the middle of writes', async () => {
    const fleet = join(dir, 'fleet')
    const child = await startProgram(writer(fleet), dir)
    const exit = once(child, 'exit')
    let told = ''
    for await (const chunk of child.stdout) {
      told += chunk
      if (told.length > 6_000) child.kill('SIGKILL')
    }
    expect((await exit)[1]).toBe('SIGKILL')
    const acknowledged = told.slice(0, told.lastIndexOf('\n')).split('\n')
    const placed = acknowledged.filter((line) => line.startsWith('+')).map((line) => line.slice(1))
    const removed = new Set(acknowledged.filter((line) => line.startsWith('-')).map((line) => line.slice(1)))
    expect(placed.length).toBeGreaterThan(100)
    expect(removed.size).toBeGreaterThan(20)

    const store = await EmbeddedFleetStore.open(fleet, log)
    const sandboxes = await store.list()
    const ids = new Set(sandboxes.map((sandbox) => sandbox.id))
    // One whose removal was under way may be gone already.
    const lost = placed.filter((id) => !removed.has(id) && !ids.has(id))
    expect(lost.length).toBeLessThanOrEqual(1)
    expect([...removed].filter((id) => ids.has(id))).toEqual([])
    for (const host of await store.listHosts()) {
      expect(host.containers).toBe(sandboxes.filter((sandbox) => sandbox.host === host.address).length)
    }
    await store.close()
  })
})

/** A program that places for ever, removes every third one, and tells what was acknowledged. */
function writer(at: string): string {
  return `
    import { writeSync } from 'node:fs'
    import { EmbeddedFleetStore } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/drivers/embedded-fleet-store.ts'))}
    const store = await EmbeddedFleetStore.open(${JSON.stringify(at)}, { warn() {} })
    for (const address of ['10.0.0.1', '10.0.0.2']) {
      await store.register({ address, apiUrl: 'http://x', capacity: 100000, runtime: 'docker', version: '1' })
    }
    const rest = { template: 'react', expiresAt: 0 }
    for (let next = 0; ; next += 8) {
      await Promise.all(Array.from({ length: 8 }, async (_, index) => {
        const id = 'sb_' + (next + index)
        await store.place({ id, name: 'n' + id, subdomain: 's' + id, ...rest })
        writeSync(1, '+' + id + '\\n')
      }))
      const old = 'sb_' + next
      await store.remove(old)
      writeSync(1, '-' + old + '\\n')
    }`
}
