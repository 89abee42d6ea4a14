import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContainerStatus } from '../../../src/core/container.ts'
import { OWNER, ReconciledFleet } from '../../support/reconciled-fleet.ts'

const [A, B] = ['10.0.0.1', '10.0.0.2'] as const

let fleet: ReconciledFleet
beforeEach(async () => {
  fleet = await ReconciledFleet.open([A, B])
})
afterEach(() => fleet.close())

const create = (name: string, more: { ttl?: number } = {}) => fleet.lifecycle.create({ name, ...more }, () => {})
const containerOf = (id: string): ContainerStatus => {
  for (const host of fleet.hosts.values()) {
    const container = host.containers.get(id)
    if (container) return container
  }
  throw new Error(`${id} has no container`)
}
const counts = async () => (await fleet.store.listHosts()).map(({ containers }) => containers)

describe('a store that was emptied', () => {
  it('has all of it back with the first pass: hosts, sandboxes, states, names, ports, and nothing was withdrawn', async () => {
    const made = [await create('one', { ttl: 3_600 }), await create('two'), await create('three')]
    await fleet.lifecycle.stop('two')
    await fleet.pass(60)
    const before = { list: await fleet.store.list(), zone: new Map(fleet.zone), counts: await counts() }
    await fleet.emptyStore()
    // Nothing is concluded while no host has come back.
    fleet.now += 5_000
    await fleet.reconciler.pass()
    expect([await fleet.store.list(), fleet.zone]).toEqual([[], before.zone])

    await fleet.pass(5)
    const timeless = (list: typeof made) => list.map(({ updatedAt: _, ...rest }) => rest)
    expect(timeless(await fleet.store.list())).toEqual(timeless(before.list))
    expect([fleet.zone, await counts()]).toEqual([before.zone, before.counts])
    expect(await fleet.story(made[0]?.id ?? '')).toContain('adopted (found on its host)')
    await fleet.pass(180)
    expect(timeless(await fleet.store.list())).toEqual(timeless(before.list))
    expect(fleet.zone).toEqual(before.zone)
    for (const host of fleet.hosts.values()) {
      expect(host.asked.filter((line) => /^(remove|ensure|start)/.test(line)).length).toBe(host.containers.size)
    }
  })

  it('publishes their names again when the zone was emptied with it', async () => {
    await create('one')
    const before = new Map(fleet.zone)
    await fleet.emptyStore()
    fleet.zone.clear()
    await fleet.pass(10)
    expect(fleet.zone).toEqual(before)
  })

  it('keeps the names of a host that comes back late, and adopts beyond its capacity', async () => {
    const made = [await create('one'), await create('two')]
    const before = new Map(fleet.zone)
    fleet.host(B).answers = false
    await fleet.emptyStore()
    await fleet.pass(55)
    expect(fleet.zone).toEqual(before)
    expect((await fleet.store.list()).map(({ host }) => host)).toEqual([A])
    fleet.host(B).answers = true
    await fleet.store.register({ address: B, apiUrl: 'http://b', capacity: 0, runtime: 'docker', version: '1' })
    await fleet.pass(5)
    expect((await fleet.store.list()).map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort())
    expect(fleet.zone).toEqual(before)
  })

  it('adopts a sandbox whose name was taken meanwhile under another one, and tells its host', async () => {
    const lost = await create('mine')
    await fleet.emptyStore()
    await fleet.beat()
    const taker = await create('mine')
    await fleet.pass(30)
    expect((await fleet.store.find('mine'))?.id).toBe(taker.id)
    const adopted = await fleet.store.find(lost.id)
    expect(adopted).toMatchObject({ name: `react-${lost.subdomain.slice(1, 7)}`, state: 'running' })
    expect(containerOf(lost.id).name).toBe(adopted?.name)
  })

  it('does not bring back what is being deleted just then', async () => {
    const doomed = await create('doomed')
    const beginDelete = fleet.store.beginDelete.bind(fleet.store)
    fleet.store.beginDelete = async (id) => {
      await fleet.emptyStore()
      return beginDelete(id)
    }
    expect(await fleet.lifecycle.delete('doomed')).toEqual({ gone: false })
    expect(containerOf(doomed.id).state).toBe('running')
    await fleet.pass(90)
    expect(await fleet.store.list()).toEqual([])
    expect([...fleet.hosts.values()].map(({ containers }) => containers.size)).toEqual([0, 0])
  })

  it('adopts nothing that is still being made', async () => {
    const made = await create('mine')
    const { port } = containerOf(made.id)
    Object.assign(containerOf(made.id), { state: 'starting', port: 0 })
    await fleet.emptyStore()
    await fleet.pass(30)
    expect(await fleet.store.list()).toEqual([])
    Object.assign(containerOf(made.id), { state: 'starting', port })
    await fleet.pass(15)
    expect(await fleet.store.find('mine')).toMatchObject({ state: 'running', port })
  })

  it('adopts of two containers of one sandbox the newer, and removes the other after a minute', async () => {
    const made = await create('mine')
    const old = { ...containerOf(made.id), createdAt: 5, port: 29_999 }
    const other = made.host === A ? B : A
    fleet.host(other).containers.set(made.id, old)
    await fleet.emptyStore()
    await fleet.pass(60)
    expect(await fleet.store.find('mine')).toMatchObject({ id: made.id, host: made.host, port: made.port })
    expect(fleet.host(other).containers.size).toBe(1)
    await fleet.pass(20)
    expect([fleet.host(other).containers.size, fleet.host(made.host).containers.size]).toEqual([0, 1])
  })
})

describe('a sandbox without a container', () => {
  it('is lost after two looks a minute apart, and nothing is deleted for it', async () => {
    const made = await create('mine')
    fleet.host(made.host).containers.delete(made.id)
    await fleet.pass(60)
    expect(await fleet.stateOf('mine')).toBe('running')
    await fleet.pass(20)
    expect(await fleet.stateOf('mine')).toBeUndefined()
    expect((await fleet.story(made.id)).at(-1)).toBe('lost')
    expect([fleet.zone.size, await counts()]).toEqual([0, [0, 0]])
    expect(fleet.host(made.host).asked.filter((line) => line.startsWith('remove'))).toEqual([])
  })

  it('is a sandbox again when its container is found after all', async () => {
    const made = await create('mine')
    const container = containerOf(made.id)
    fleet.host(made.host).containers.delete(made.id)
    await fleet.pass(80)
    expect(await fleet.stateOf('mine')).toBeUndefined()
    fleet.host(made.host).containers.set(made.id, container)
    await fleet.pass(120)
    expect(await fleet.store.find('mine')).toMatchObject({ id: made.id, state: 'running', port: made.port })
    expect(fleet.zone.size).toBe(1)
  })

  it('is not lost when it was there in between, or its host did not tell', async () => {
    const made = await create('mine')
    const host = fleet.host(made.host)
    const container = containerOf(made.id)
    host.containers.delete(made.id)
    await fleet.pass(50)
    host.containers.set(made.id, container)
    await fleet.pass(15)
    host.containers.delete(made.id)
    await fleet.pass(50)
    expect(await fleet.stateOf('mine')).toBe('running')
    // It beats, so it is heard of, but does not answer.
    const { list } = fleet.managers
    fleet.managers.list = async (asked) => {
      if (asked.address === made.host) throw new Error('no answer')
      return list(asked)
    }
    await fleet.pass(300)
    expect(await fleet.stateOf('mine')).toBe('running')
  })

  it('of a silent host stays, with its name', async () => {
    const made = await create('mine')
    const host = fleet.host(made.host)
    host.answers = false
    host.containers.clear()
    await fleet.pass(600)
    expect([await fleet.stateOf('mine'), fleet.zone.size]).toEqual(['running', 1])
    expect((await fleet.store.findHost(made.host))?.state).toBe('lost')
  })
})

describe('a container of a sandbox that was deleted', () => {
  it('on a host that comes back is removed, not adopted, in two looks', async () => {
    const made = await create('mine')
    const container = containerOf(made.id)
    await fleet.lifecycle.delete('mine')
    fleet.host(made.host).containers.set(made.id, container)
    await fleet.pass(60)
    expect(fleet.host(made.host).containers.size).toBe(1)
    expect(await fleet.stateOf('mine')).toBeUndefined()
    await fleet.pass(20)
    expect(fleet.host(made.host).containers.size).toBe(0)
    expect(fleet.zone.size).toBe(0)
  })

  it('a delete that its host does not answer is ended after ten minutes, and its container goes when it does', async () => {
    const made = await create('mine')
    const host = fleet.host(made.host)
    host.answers = false
    expect(await fleet.lifecycle.delete('mine')).toEqual({ gone: false })
    await fleet.pass(590)
    expect(await fleet.stateOf('mine')).toBe('deleting')
    await fleet.pass(20)
    expect(await fleet.stateOf('mine')).toBeUndefined()
    expect(await counts()).toEqual([0, 0])
    host.answers = true
    await fleet.pass(90)
    expect(host.containers.size).toBe(0)
    expect(await fleet.story(made.id)).toContain(`deleted (${made.host} does not answer)`)
  })

  it('a delete that was cut off is finished when its host answers', async () => {
    const made = await create('mine')
    await fleet.store.beginDelete(made.id)
    await fleet.pass(10)
    expect([await fleet.stateOf('mine'), fleet.host(made.host).containers.size, fleet.zone.size]).toEqual([
      undefined,
      0,
      0,
    ])
  })
})

describe('what a host tells otherwise', () => {
  it.each(['asleep', 'stopped'] as const)('state: %s is taken over', async (state) => {
    const made = await create('mine')
    containerOf(made.id).state = state
    await fleet.pass(15)
    expect(await fleet.stateOf('mine')).toBe(state)
    expect((await fleet.story(made.id)).at(-1)).toBe(`${state} (found so on its host)`)
    containerOf(made.id).state = 'starting'
    await fleet.pass(15)
    expect(await fleet.stateOf('mine')).toBe(state)
  })

  it('an old list does not undo what was done after it', async () => {
    const made = await create('mine')
    await fleet.states.mark(made.id, 'asleep', 'idle')
    const { list } = fleet.managers
    fleet.managers.list = async (host) => {
      const containers = (await list(host)).map((container) => ({ ...container, state: 'asleep' as const }))
      fleet.now += 1
      await fleet.states.mark(made.id, 'running', 'visit')
      return containers
    }
    await fleet.pass(5)
    expect(await fleet.stateOf('mine')).toBe('running')
  })

  it('port: the store and {subdomain: port} follow', async () => {
    const made = await create('mine')
    containerOf(made.id).port = 23_456
    await fleet.pass(15)
    expect((await fleet.store.find('mine'))?.port).toBe(23_456)
  })

  it('name and end of life: the host is told', async () => {
    const made = await create('mine')
    await fleet.store.rename(made.id, 'other')
    await fleet.store.setExpiry(made.id, fleet.now + 3_600_000)
    await fleet.pass(15)
    expect(containerOf(made.id)).toMatchObject({ name: 'other', expiresAt: fleet.now - 15_000 + 3_600_000 })
  })

  it('that it lost the token: it is told again, not all the time when that does not help', async () => {
    const made = await create('mine')
    containerOf(made.id).hasToken = false
    await fleet.pass(15)
    expect(containerOf(made.id).hasToken).toBe(true)
    const { ensure } = fleet.managers
    fleet.managers.ensure = async (host, request) => Object.assign(await ensure(host, request), { hasToken: false })
    containerOf(made.id).hasToken = false
    const { asked } = fleet.host(made.host)
    asked.length = 0
    await fleet.pass(120)
    const told = asked.filter((line) => line.startsWith('ensure')).length
    expect([told >= 3, told <= 4]).toEqual([true, true])
  })
})

describe('time', () => {
  it('a sandbox at its end is deleted, in any state', async () => {
    const made = await create('mine', { ttl: 60 })
    await create('other')
    await fleet.lifecycle.stop(made.id)
    await fleet.pass(55)
    expect(await fleet.stateOf('mine')).toBe('stopped')
    await fleet.pass(10)
    expect([await fleet.stateOf('mine'), await fleet.stateOf('other')]).toEqual([undefined, 'running'])
    expect(await fleet.story(made.id)).toContain('deleting (ttl)')
    expect(fleet.zone.size).toBe(1)
  })

  it('one that is placed for too long is taken apart', async () => {
    const wanted = { id: 'sb_a', name: 'half', subdomain: 'suba', template: 'react', expiresAt: 0 }
    await fleet.store.place(wanted)
    await fleet.pass(195)
    expect(await fleet.stateOf('half')).toBe('placing')
    await fleet.pass(15)
    expect([await fleet.stateOf('half'), await counts()]).toEqual([undefined, [0, 0]])
  })
})

describe('names', () => {
  it('of no sandbox go after a minute, if all hosts told what they have, and only ours', async () => {
    await create('mine')
    fleet.zone.set('stray A', { address: A, owner: OWNER })
    fleet.zone.set('people A', { address: A, owner: 'somebody' })
    await fleet.pass(60)
    expect(fleet.zone.has('stray A')).toBe(true)
    await fleet.pass(20)
    expect([fleet.zone.has('stray A'), fleet.zone.has('people A'), fleet.zone.size]).toEqual([false, true, 2])
  })

  it('stay while a host does not tell, or is silent', async () => {
    fleet.zone.set('stray A', { address: B, owner: OWNER })
    const { list } = fleet.managers
    fleet.managers.list = async (host) => {
      if (host.address === B) throw new Error('no answer')
      return list(host)
    }
    await fleet.pass(200)
    expect(fleet.zone.has('stray A')).toBe(true)
    fleet.host(B).answers = false
    await fleet.pass(200)
    expect((await fleet.store.findHost(B))?.state).toBe('lost')
    expect(fleet.zone.has('stray A')).toBe(true)
  })

  it('that are missing are published, of sleeping and stopped ones, too', async () => {
    const made = [await create('one'), await create('two'), await create('three')]
    await fleet.lifecycle.stop('two')
    containerOf(made[2]?.id ?? '').state = 'asleep'
    fleet.zone.clear()
    await fleet.pass(5)
    expect([...fleet.zone.keys()].sort()).toEqual(made.map(({ subdomain }) => `${subdomain} A`).sort())
  })
})

describe('one whose move was cut off', () => {
  it('stays where it is, and is let alone while somebody moves it', async () => {
    const sandbox = await create('one')
    const leaving = { ...containerOf(sandbox.id), state: 'stopped', leaving: true } as const
    fleet.host(sandbox.host).containers.set(sandbox.id, leaving)
    const mover = await fleet.store.lease(`move/${sandbox.id}`, 'another master', 60_000)
    expect(mover).toBeDefined()
    await fleet.pass(40)
    expect(containerOf(sandbox.id).leaving).toBe(true)
    await fleet.store.endLease(`move/${sandbox.id}`, 'another master')
    await fleet.pass(20)
    expect(containerOf(sandbox.id)).toMatchObject({ state: 'running' })
    expect(containerOf(sandbox.id).leaving).toBeUndefined()
    await fleet.pass(20)
    expect(await fleet.store.find('one')).toMatchObject({ host: sandbox.host, state: 'running' })
  })
})

describe('of several masters', () => {
  it('one works at a time; another takes over when it is gone, and remembers nothing of its looks', async () => {
    const made = await create('mine')
    const second = fleet.another()
    await fleet.pass(5)
    const { asked } = fleet.host(made.host)
    asked.length = 0
    fleet.now += 15_000
    await second.pass()
    expect(asked).toEqual([])
    fleet.host(made.host).containers.delete(made.id)
    await fleet.pass(50)
    await fleet.reconciler.stop()
    for (let step = 0; step < 60; step += 5) {
      await second.pass()
      fleet.now += 5_000
      await fleet.beat()
    }
    expect(await fleet.stateOf('mine')).toBe('running')
    for (let step = 0; step < 20; step += 5) {
      await second.pass()
      fleet.now += 5_000
    }
    expect(await fleet.stateOf('mine')).toBeUndefined()
  })

  it('one whose lease went to another in the middle of a pass stops before it takes anything away', async () => {
    const made = await create('mine')
    await fleet.pass(5)
    fleet.host(made.host).containers.delete(made.id)
    await fleet.pass(60)
    const { list } = fleet.managers
    fleet.managers.list = async (host) => {
      const containers = await list(host)
      // Asking took so long that the lease has lapsed and another one has it.
      fleet.now += 30_000
      await fleet.store.lease('reconciler', 'another', 600_000)
      return containers
    }
    await fleet.pass(20)
    expect(await fleet.stateOf('mine')).toBe('running')
  })
})
