import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FleetStore, PlaceAnswer } from '../../src/core/fleet-store.ts'
import type { NewHost } from '../../src/core/host.ts'
import { type KeptSettings, SETTINGS_LIMIT_BYTES } from '../../src/core/kept-settings.ts'
import type { NewSandbox, Sandbox } from '../../src/core/sandbox.ts'

/** A store to test, on a fleet of its own. */
export interface StoreRig {
  store: FleetStore
  /** The same fleet as another master sees it. */
  second: FleetStore
  /** What the outside can see: hosts that may take one more with their counts, and the ports of running sandboxes. */
  look(): Promise<{ offered: Record<string, number>; ports: Record<string, number> }>
  /** Whatever must not be noticed: a restart, a lost script cache. May replace `store` and `second`. */
  disturb(): Promise<void>
  close(): Promise<void>
}

export function newHost(address: string, capacity = 3): NewHost {
  return { address, apiUrl: `http://${address}:7070`, capacity, runtime: 'docker', version: '1.0.0' }
}

export function newSandbox(id: string, more: Partial<NewSandbox> = {}): NewSandbox {
  return { id: `sb_${id}`, name: `name-${id}`, subdomain: `sub${id}`, template: 'react', expiresAt: 0, ...more }
}

export function placedSandbox(answer: PlaceAnswer): Sandbox {
  if (answer.outcome !== 'placed') throw new Error(`expected a place, got ${answer.outcome}`)
  return answer.sandbox
}

/** The cases of FleetStore: the same for every implementation. */
export function fleetStoreConformance(name: string, openRig: () => Promise<StoreRig>): void {
  describe(`${name} as FleetStore`, () => {
    let rig: StoreRig
    let store: FleetStore
    beforeEach(async () => {
      rig = await openRig()
      store = rig.store
    })
    afterEach(() => rig.close())

    const hostOf = async (sandbox: NewSandbox, exclude: string[] = []) =>
      placedSandbox(await store.place(sandbox, exclude)).host

    describe('place', () => {
      it('writes the sandbox as placing, on a host with its new count', async () => {
        await store.register(newHost('10.0.0.1'))
        const before = Date.now()
        const answer = await store.place(newSandbox('a', { expiresAt: 99, template: 'node' }))
        const sandbox = placedSandbox(answer)
        expect(sandbox).toMatchObject({
          ...newSandbox('a', { expiresAt: 99, template: 'node' }),
          ...{ state: 'placing', host: '10.0.0.1', port: 0 },
        })
        expect(Math.abs(sandbox.createdAt - before)).toBeLessThan(60_000)
        expect(sandbox.updatedAt).toBe(sandbox.createdAt)
        expect(answer).toMatchObject({ host: { ...newHost('10.0.0.1'), state: 'ready', containers: 1 } })
        expect(await store.find('sb_a')).toEqual(sandbox)
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 1 }, ports: {} })
      })

      it('takes the host with the fewest sandboxes, and of equals the first by address', async () => {
        for (const address of ['10.0.0.2', '10.0.0.10', '10.0.0.1']) await store.register(newHost(address))
        const chosen: string[] = []
        for (const id of ['a', 'b', 'c', 'd']) chosen.push(await hostOf(newSandbox(id)))
        expect(chosen).toEqual(['10.0.0.1', '10.0.0.10', '10.0.0.2', '10.0.0.1'])
        await store.remove('sb_c')
        expect(await hostOf(newSandbox('e'))).toBe('10.0.0.2')
      })

      it('gives a sandbox that has a place the same answer again, in any state and without another slot', async () => {
        await store.register(newHost('10.0.0.1'))
        const first = await store.place(newSandbox('a'))
        expect(await store.place(newSandbox('a'))).toEqual(first)
        expect(await store.place(newSandbox('a', { name: 'other' }), ['10.0.0.1'])).toEqual(first)
        await store.confirm('sb_a', 20_001)
        expect(placedSandbox(await store.place(newSandbox('a')))).toMatchObject({ state: 'running', port: 20_001 })
        await store.beginDelete('sb_a')
        expect(placedSandbox(await store.place(newSandbox('a')))).toMatchObject({ state: 'deleting' })
        expect((await store.findHost('10.0.0.1'))?.containers).toBe(1)
      })

      it('passes over excluded hosts', async () => {
        for (const host of ['a', 'b', 'c', 'd']) await store.register(newHost(`10.0.0.${host}`))
        expect(await hostOf(newSandbox('1'), ['10.0.0.a', '10.0.0.b', '10.0.0.c'])).toBe('10.0.0.d')
        expect(await hostOf(newSandbox('2'), ['10.0.0.x', '10.0.0.d'])).toBe('10.0.0.a')
        const all = ['10.0.0.a', '10.0.0.b', '10.0.0.c', '10.0.0.d']
        expect(await store.place(newSandbox('3'), all)).toEqual({ outcome: 'full' })
      })

      it('is full without hosts and when every slot is taken, and changes nothing then', async () => {
        expect(await store.place(newSandbox('a'))).toEqual({ outcome: 'full' })
        await store.register(newHost('10.0.0.1', 1))
        await store.register(newHost('10.0.0.2', 0))
        expect(await hostOf(newSandbox('a'))).toBe('10.0.0.1')
        expect(await rig.look()).toEqual({ offered: {}, ports: {} })
        expect(await store.place(newSandbox('b'))).toEqual({ outcome: 'full' })
        expect(await store.find('sb_b')).toBeUndefined()
        expect(await store.find('name-b')).toBeUndefined()
        await store.remove('sb_a')
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 0 }, ports: {} })
        expect(await hostOf(newSandbox('b'))).toBe('10.0.0.1')
      })

      it.each([
        ['name', { name: 'name-a' }],
        ['name, with a subdomain', { name: 'suba' }],
        ['name, with an id', { name: 'sb_a' }],
        ['subdomain', { subdomain: 'suba' }],
        ['subdomain, with a name', { subdomain: 'name-a' }],
        ['id, with a name', { id: 'name-a' }],
      ])('refuses a taken %s, and takes no slot', async (_, clash) => {
        await store.register(newHost('10.0.0.1'))
        const first = placedSandbox(await store.place(newSandbox('a')))
        expect(await store.place(newSandbox('b', clash))).toEqual({ outcome: 'nameTaken' })
        expect(await store.find('sb_a')).toEqual(first)
        expect((await store.findHost('10.0.0.1'))?.containers).toBe(1)
        await store.beginDelete('sb_a')
        expect(await store.place(newSandbox('b', clash))).toEqual({ outcome: 'nameTaken' })
        await store.remove('sb_a')
        expect((await store.place(newSandbox('b', clash))).outcome).toBe('placed')
      })

      it('lets a sandbox be called by its own subdomain', async () => {
        await store.register(newHost('10.0.0.1'))
        const sandbox = placedSandbox(await store.place(newSandbox('a', { name: 'suba' })))
        expect(await store.find('suba')).toEqual(sandbox)
        await store.remove('sb_a')
        expect(await store.find('suba')).toBeUndefined()
      })

      it('keeps odd text as it is', async () => {
        await store.register(newHost('10.0.0.1'))
        const odd = newSandbox('a', { name: 'a b %20 \u00fc "', template: ' {} \n' })
        expect(placedSandbox(await store.place(odd))).toMatchObject(odd)
        expect(await store.find('a b %20 \u00fc "')).toMatchObject(odd)
        expect(await store.list()).toMatchObject([odd])
      })

      it('takes one host only when asked to', async () => {
        for (const address of ['10.0.0.1', '10.0.0.2']) await store.register(newHost(address, 2))
        const on = async (id: string, host: string, exclude: string[] = []) => {
          const answer = await store.place(newSandbox(id), exclude, { host })
          return answer.outcome === 'placed' ? answer.sandbox.host : answer.outcome
        }
        expect([await on('a', '10.0.0.2'), await on('b', '10.0.0.2')]).toEqual(['10.0.0.2', '10.0.0.2'])
        expect(await on('c', '10.0.0.2')).toBe('full')
        expect([await on('c', '10.9.9.9'), await on('c', '10.0.0.1', ['10.0.0.1'])]).toEqual(['full', 'full'])
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 0 })
        await store.setDraining('10.0.0.1', true)
        expect(await on('c', '10.0.0.1')).toBe('full')
      })

      it('keeps the maximum of the fleet, whatever the state, under creates at once', async () => {
        for (const address of ['10.0.0.1', '10.0.0.2']) await store.register(newHost(address, 50))
        const answers = await Promise.all(
          Array.from({ length: 30 }, (_, index) =>
            (index % 2 ? store : rig.second).place(newSandbox(`${index}`), [], { maxSandboxes: 7 }),
          ),
        )
        expect(answers.filter(({ outcome }) => outcome === 'placed')).toHaveLength(7)
        const refused = answers.filter(({ outcome }) => outcome !== 'placed')
        expect(refused).toEqual(Array(23).fill({ outcome: 'quota', sandboxes: 7 }))
        const [first] = await store.list()
        expect((await store.place(newSandbox((first?.id ?? '').slice(3)), [], { maxSandboxes: 7 })).outcome).toBe(
          'placed',
        )
        await store.beginDelete(first?.id ?? '')
        expect((await store.place(newSandbox('x'), [], { maxSandboxes: 7 })).outcome).toBe('quota')
        expect((await store.place(newSandbox('x'), [], { maxSandboxes: 8 })).outcome).toBe('placed')
        await store.remove(first?.id ?? '')
        await store.remove('sb_x')
        expect((await store.place(newSandbox('y'), [], { maxSandboxes: 7 })).outcome).toBe('placed')
      })

      it('200 at once, each twice, through two masters, on 20 hosts of capacity 10: all placed, none above 10', async () => {
        const hosts = Array.from({ length: 20 }, (_, index) => `10.0.1.${index}`)
        await Promise.all(hosts.map((address) => store.register(newHost(address, 10))))
        const sandboxes = Array.from({ length: 200 }, (_, index) => newSandbox(`${index}`))
        const [answers, replays] = await Promise.all([
          Promise.all(sandboxes.map((sandbox, index) => (index % 2 ? store : rig.second).place(sandbox))),
          Promise.all(sandboxes.map((sandbox, index) => (index % 2 ? rig.second : store).place(sandbox))),
        ])
        expect(answers.map((answer) => answer.outcome)).toEqual(Array(200).fill('placed'))
        expect(replays.map((answer) => placedSandbox(answer))).toEqual(answers.map((answer) => placedSandbox(answer)))
        expect((await store.listHosts()).map((host) => host.containers)).toEqual(Array(20).fill(10))
        const perHost = new Map(hosts.map((address) => [address, 0]))
        for (const { host } of await store.list()) perHost.set(host, (perHost.get(host) ?? 0) + 1)
        expect([...perHost.values()]).toEqual(Array(20).fill(10))
        expect(await rig.look()).toEqual({ offered: {}, ports: {} })
        expect(await rig.second.place(newSandbox('one-more'))).toEqual({ outcome: 'full' })
      })

      it('one place for a thousand: one gets it', async () => {
        await store.register(newHost('10.0.0.1', 1))
        const sandboxes = Array.from({ length: 1_000 }, (_, index) => newSandbox(`${index}`, { name: 'the-one' }))
        const answers = await Promise.all(
          sandboxes.map((sandbox, index) => (index % 2 ? store : rig.second).place(sandbox)),
        )
        expect(answers.filter((answer) => answer.outcome === 'placed').length).toBe(1)
        expect((await store.list()).length).toBe(1)
      })
    })

    describe('the life of a sandbox', () => {
      beforeEach(async () => {
        await store.register(newHost('10.0.0.1', 2))
        await store.place(newSandbox('a'))
      })

      it('confirm: placing becomes running, with its port, and again', async () => {
        expect(await store.confirm('sb_a', 20_001)).toBe(true)
        const running = await store.find('sb_a')
        expect(running).toMatchObject({ state: 'running', port: 20_001 })
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 1 }, ports: { suba: 20_001 } })
        expect(await store.confirm('sb_a', 20_001)).toBe(true)
        expect(await store.find('sb_a')).toEqual(running)
      })

      it('confirm: a running one that was found on another port is there now', async () => {
        await store.confirm('sb_a', 20_001)
        expect(await store.confirm('sb_a', 20_002)).toBe(true)
        expect((await store.find('sb_a'))?.port).toBe(20_002)
        expect((await rig.look()).ports).toEqual({ suba: 20_002 })
      })

      it('confirm: not when it is unknown, was removed, or is being deleted', async () => {
        expect(await store.confirm('sb_x', 20_001)).toBe(false)
        await store.beginDelete('sb_a')
        expect(await store.confirm('sb_a', 20_001)).toBe(false)
        await store.place(newSandbox('b'))
        await store.remove('sb_b')
        expect(await store.confirm('sb_b', 20_001)).toBe(false)
        expect((await rig.look()).ports).toEqual({})
        expect((await store.find('sb_a'))?.state).toBe('deleting')
      })

      it('mark: from living state to living state, keeping slot, name and port', async () => {
        expect(await store.mark('sb_a', 'asleep')).toBeUndefined()
        await store.confirm('sb_a', 20_001)
        let was = 'running'
        for (const state of ['asleep', 'stopped', 'running', 'stopped', 'asleep'] as const) {
          const marked = await store.mark('sb_a', state)
          expect(marked).toMatchObject({ sandbox: { id: 'sb_a', name: 'name-a', state, port: 20_001 }, was })
          was = state
          expect(await store.mark('sb_a', state)).toEqual({ sandbox: marked?.sandbox, was })
          expect(await store.find('name-a')).toEqual(marked?.sandbox)
          expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 1 }, ports: { suba: 20_001 } })
        }
        expect(placedSandbox(await store.place(newSandbox('a'))).state).toBe('asleep')
        expect(await store.beginDelete('sb_a')).toMatchObject({ state: 'deleting' })
        expect(await store.mark('sb_a', 'running')).toBeUndefined()
        expect(await store.mark('sb_x', 'running')).toBeUndefined()
      })

      it('confirm: one that sleeps keeps its state and gets the port it was found on', async () => {
        await store.confirm('sb_a', 20_001)
        await store.mark('sb_a', 'asleep')
        expect(await store.confirm('sb_a', 20_001)).toBe(true)
        expect(await store.confirm('sb_a', 20_002)).toBe(true)
        expect(await store.find('sb_a')).toMatchObject({ state: 'asleep', port: 20_002 })
        expect((await rig.look()).ports).toEqual({ suba: 20_002 })
      })

      it('rename: the new name finds it, the old one is free, others stay theirs', async () => {
        await store.place(newSandbox('b'))
        const before = await store.find('sb_a')
        expect(await store.rename('sb_a', 'other')).toBe('renamed')
        expect(await store.rename('sb_a', 'other')).toBe('renamed')
        expect(await store.find('other')).toEqual({ ...before, name: 'other' })
        expect(await store.find('suba')).toEqual({ ...before, name: 'other' })
        expect(await store.find('name-a')).toBeUndefined()
        for (const taken of ['name-b', 'subb', 'sb_b', 'sb_a']) {
          expect(await store.rename('sb_a', taken), taken).toBe('nameTaken')
        }
        expect(await store.rename('sb_b', 'name-a')).toBe('renamed')
        expect(await store.rename('sb_a', 'suba')).toBe('renamed')
        expect(await store.rename('sb_a', 'again')).toBe('renamed')
        expect((await store.find('suba'))?.name).toBe('again')
        await store.remove('sb_a')
        for (const gone of ['suba', 'again']) expect(await store.find(gone)).toBeUndefined()
        expect(await store.rename('sb_a', 'x')).toBe('unknown')
        await store.beginDelete('sb_b')
        expect(await store.rename('sb_b', 'x')).toBe('unknown')
      })

      it('rename: of two who want one name at once, one gets it', async () => {
        await store.place(newSandbox('b'))
        const outcomes = await Promise.all([store.rename('sb_a', 'the-one'), rig.second.rename('sb_b', 'the-one')])
        expect(outcomes.sort()).toEqual(['nameTaken', 'renamed'])
      })

      it('setExpiry: changes the end of its life and nothing else', async () => {
        await store.place(newSandbox('b', { template: 'a "expiresAt":7 b', expiresAt: 5 }))
        const before = await store.find('sb_b')
        expect(await store.setExpiry('sb_b', 1_764_140_357_123)).toEqual({ ...before, expiresAt: 1_764_140_357_123 })
        expect(await store.find('sb_b')).toEqual({ ...before, expiresAt: 1_764_140_357_123 })
        expect(await store.setExpiry('sb_b', 0)).toEqual({ ...before, expiresAt: 0 })
        expect(await store.setExpiry('sb_x', 1)).toBeUndefined()
        await store.beginDelete('sb_b')
        expect(await store.setExpiry('sb_b', 1)).toBeUndefined()
      })

      it('deletedAmong: those that were removed and have no place again', async () => {
        await store.place(newSandbox('b'))
        expect(await store.deletedAmong(['sb_a', 'sb_x'])).toEqual([])
        expect(await store.deletedAmong([])).toEqual([])
        await store.beginDelete('sb_a')
        expect(await store.deletedAmong(['sb_a'])).toEqual([])
        await store.remove('sb_a')
        await store.remove('sb_b')
        await store.place(newSandbox('lost'))
        await store.remove('sb_lost', true)
        expect(await store.find('name-lost')).toBeUndefined()
        expect(await store.deletedAmong(['sb_lost'])).toEqual([])
        expect(await store.deletedAmong(['sb_x', 'sb_b', 'sb_a'])).toEqual(['sb_b', 'sb_a'])
        // One that a store does not know any more, since it was emptied.
        expect(await store.remove('sb_x')).toBe(false)
        expect(await store.deletedAmong(['sb_x'])).toEqual(['sb_x'])
        await store.place(newSandbox('a'))
        expect(await store.deletedAmong(['sb_b', 'sb_a'])).toEqual(['sb_b'])
      })

      it('remove: gives slot and names of one that is still placed back, so that it may be placed elsewhere', async () => {
        await store.register(newHost('10.0.0.2', 1))
        expect(await store.remove('sb_a')).toBe(true)
        expect(await store.find('name-a')).toBeUndefined()
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 0, '10.0.0.2': 0 })
        expect(await hostOf(newSandbox('a'), ['10.0.0.1'])).toBe('10.0.0.2')
        expect(await store.remove('sb_unknown')).toBe(false)
      })

      it('beginDelete: the port goes, slot and name stay; again is the same', async () => {
        await store.confirm('sb_a', 20_001)
        const deleting = await store.beginDelete('sb_a')
        expect(deleting).toMatchObject({ id: 'sb_a', state: 'deleting', port: 20_001, host: '10.0.0.1' })
        expect(await store.beginDelete('sb_a')).toEqual(deleting)
        expect(await store.find('name-a')).toEqual(deleting)
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 1 }, ports: {} })
        expect(await store.beginDelete('sb_x')).toBeUndefined()
      })

      it('remove: from any state, gives everything back, once', async () => {
        await store.place(newSandbox('b'))
        await store.confirm('sb_a', 20_001)
        expect((await rig.look()).offered).toEqual({})
        expect(await store.remove('sb_a')).toBe(true)
        expect(await store.remove('sb_a')).toBe(false)
        expect(await store.remove('sb_b')).toBe(true)
        expect(await store.list()).toEqual([])
        for (const word of ['sb_a', 'suba', 'name-a']) expect(await store.find(word)).toBeUndefined()
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 0 }, ports: {} })
        expect((await store.findHost('10.0.0.1'))?.containers).toBe(0)
      })

      it('remove, many times at once through two masters: one of them did it', async () => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => (index % 2 ? store : rig.second).remove('sb_a')),
        )
        expect(answers.filter(Boolean).length).toBe(1)
        expect((await store.findHost('10.0.0.1'))?.containers).toBe(0)
      })

      it('find: by id, subdomain and name, and nothing else', async () => {
        const sandbox = await store.find('sb_a')
        expect(sandbox?.id).toBe('sb_a')
        expect(await store.find('suba')).toEqual(sandbox)
        expect(await store.find('name-a')).toEqual(sandbox)
        for (const other of ['', 'NAME-A', 'sb_', '__proto__', '*']) expect(await store.find(other)).toBeUndefined()
      })

      it('list: oldest first, then by id', async () => {
        await store.register(newHost('10.0.0.2', 3_000))
        await delay(3)
        await Promise.all(Array.from({ length: 2_500 }, (_, index) => store.place(newSandbox(`${9_999 - index}`))))
        await delay(3)
        await store.place(newSandbox('0'))
        const ids = (await store.list()).map((sandbox) => sandbox.id)
        expect(ids.length).toBe(2_502)
        expect(new Set(ids).size).toBe(2_502)
        expect([ids[0], ids.at(-1)]).toEqual(['sb_a', 'sb_0'])
      })

      it('what it gives out may be changed by the taker', async () => {
        const answer = await store.place(newSandbox('a'))
        placedSandbox(answer).host = 'elsewhere'
        for (const sandbox of await store.list()) sandbox.state = 'deleting'
        for (const host of await store.listHosts()) host.capacity = 0
        expect(await store.find('sb_a')).toMatchObject({ host: '10.0.0.1', state: 'placing' })
        expect((await store.findHost('10.0.0.1'))?.capacity).toBe(2)
      })
    })

    describe('adopt', () => {
      const found = (id: string, more: Partial<Sandbox> = {}): Sandbox => ({
        ...newSandbox(id),
        ...{ state: 'running', host: '10.0.0.1', port: 20_001, createdAt: 1_700_000_000_000, updatedAt: 0, ...more },
      })

      it('writes it with names, port, times and state, in a slot of its host', async () => {
        await store.register(newHost('10.0.0.1', 2))
        const sandbox = found('a', { state: 'asleep', expiresAt: 1_764_140_357_123, name: 'a b' })
        expect(await store.adopt(sandbox)).toBe('adopted')
        const kept = await store.find('sb_a')
        expect(kept).toEqual({ ...sandbox, updatedAt: kept?.updatedAt })
        expect(Math.abs((kept?.updatedAt ?? 0) - Date.now())).toBeLessThan(60_000)
        for (const word of ['suba', 'a b']) expect(await store.find(word)).toEqual(kept)
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 1 }, ports: { suba: 20_001 } })
        expect(await store.mark('sb_a', 'running')).toMatchObject({ sandbox: { state: 'running' }, was: 'asleep' })
        await store.remove('sb_a')
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 0 }, ports: {} })
      })

      it('counts it beyond the capacity of its host, too', async () => {
        await store.register(newHost('10.0.0.1', 1))
        await store.place(newSandbox('x'))
        expect(await store.adopt(found('a'))).toBe('adopted')
        expect(await store.findHost('10.0.0.1')).toMatchObject({ capacity: 1, containers: 2 })
        await store.remove('sb_x')
        expect(await store.place(newSandbox('b'))).toEqual({ outcome: 'full' })
        await store.remove('sb_a')
        expect((await store.place(newSandbox('b'))).outcome).toBe('placed')
      })

      it('changes nothing for one that is known, deleted, in conflict or without a host', async () => {
        await store.register(newHost('10.0.0.1', 9))
        await store.place(newSandbox('known'))
        await store.place(newSandbox('gone'))
        await store.remove('sb_gone')
        const before = [await store.list(), await rig.look()]
        expect(await store.adopt(found('known', { state: 'stopped' }))).toBe('known')
        expect(await store.adopt(found('gone'))).toBe('deleted')
        for (const clash of [{ name: 'name-known' }, { subdomain: 'name-known' }, { name: 'sb_known' }]) {
          expect(await store.adopt(found('a', clash))).toBe('conflict')
        }
        expect(await store.adopt(found('a', { host: '10.9.9.9' }))).toBe('noHost')
        expect([await store.list(), await rig.look()]).toEqual(before)
      })

      it('is done once by two masters that find the same', async () => {
        await store.register(newHost('10.0.0.1', 9))
        const outcomes = await Promise.all([store.adopt(found('a')), rig.second.adopt(found('a'))])
        expect(outcomes.sort()).toEqual(['adopted', 'known'])
        expect((await store.findHost('10.0.0.1'))?.containers).toBe(1)
      })
    })

    describe('rehost', () => {
      it('moves a living sandbox with its slot and port, and nothing else; a repeat is answered alike', async () => {
        await store.register(newHost('10.0.0.1'))
        await store.place(newSandbox('a'))
        await store.register(newHost('10.0.0.2', 1))
        expect(await store.rehost('sb_a', '10.0.0.1', '10.0.0.2', 1)).toBe('elsewhere')
        await store.confirm('sb_a', 20_001)
        await store.mark('sb_a', 'stopped')
        const before = await store.find('sb_a')
        expect(await store.rehost('sb_a', '10.0.0.2', '10.0.0.1', 1)).toBe('elsewhere')
        expect(await store.rehost('sb_a', '10.0.0.1', '10.0.0.2', 1)).toBe('notHeld')
        await store.reserveMove('sb_a', '10.0.0.2')
        expect(await store.rehost('sb_a', '10.0.0.1', '10.0.0.3', 1)).toBe('notHeld')
        expect(await store.rehost('sb_a', '10.0.0.1', '10.0.0.2', 20_002)).toBe('moved')
        expect(await rig.second.rehost('sb_a', '10.0.0.1', '10.0.0.2', 20_002)).toBe('moved')
        const after = await rig.second.find('suba')
        expect(after).toEqual({ ...before, host: '10.0.0.2', port: 20_002, updatedAt: after?.updatedAt })
        expect(await rig.look()).toEqual({ offered: { '10.0.0.1': 0 }, ports: { suba: 20_002 } })
        expect(await store.rehost('sb_a', '10.0.0.1', '10.0.0.2', 20_003)).toBe('elsewhere')
        expect(await store.removeHost('10.0.0.1')).toBe('removed')
        expect(await store.removeHost('10.0.0.2')).toBe('inUse')
      })
    })

    describe('moves', () => {
      beforeEach(async () => {
        for (const [address, capacity] of [
          ['10.0.0.1', 3],
          ['10.0.0.2', 1],
          ['10.0.0.3', 1],
        ] as const) {
          await store.register(newHost(address, capacity))
        }
        for (const name of ['a', 'b']) {
          await store.place(newSandbox(name), ['10.0.0.2', '10.0.0.3'])
          await store.confirm(`sb_${name}`, 20_001)
        }
      })
      const counts = async () => (await rig.second.listHosts()).map(({ containers }) => containers)

      it('hold a slot on the other host, which nobody else gets, and which is used', async () => {
        expect(await store.reserveMove('sb_a', '10.0.0.2')).toBe('reserved')
        expect(await rig.second.reserveMove('sb_a', '10.0.0.2')).toBe('reserved')
        expect([...(await rig.second.moves())]).toEqual([['sb_a', '10.0.0.2']])
        expect(await counts()).toEqual([2, 1, 0])
        expect(await store.reserveMove('sb_b', '10.0.0.2')).toBe('full')
        expect(await store.rehost('sb_b', '10.0.0.1', '10.0.0.2', 1)).toBe('notHeld')
        expect(await store.removeHost('10.0.0.2')).toBe('inUse')
        // A host that drains meanwhile still gets who is on the way.
        await store.setDraining('10.0.0.2', true)
        expect(await store.rehost('sb_a', '10.0.0.1', '10.0.0.2', 20_002)).toBe('moved')
        expect([await counts(), (await store.moves()).size]).toEqual([[1, 1, 0], 0])
      })

      it('are given back when it stays, goes elsewhere or is deleted', async () => {
        await store.reserveMove('sb_a', '10.0.0.2')
        expect([await store.endMove('sb_a'), await store.endMove('sb_a')]).toEqual([true, false])
        expect(await counts()).toEqual([2, 0, 0])
        await store.reserveMove('sb_a', '10.0.0.2')
        expect(await store.reserveMove('sb_a', '10.0.0.3')).toBe('reserved')
        expect(await counts()).toEqual([2, 0, 1])
        await store.remove('sb_a')
        expect([await counts(), (await store.moves()).size]).toEqual([[1, 0, 0], 0])
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 1, '10.0.0.2': 0, '10.0.0.3': 0 })
      })

      it('are for those that live, and live elsewhere', async () => {
        await store.place(newSandbox('c'), ['10.0.0.2', '10.0.0.3'])
        await store.beginDelete('sb_b')
        for (const id of ['sb_b', 'sb_c', 'sb_x']) expect(await store.reserveMove(id, '10.0.0.2')).toBe('elsewhere')
        expect(await store.reserveMove('sb_a', '10.0.0.1')).toBe('elsewhere')
        expect(await store.reserveMove('sb_a', '10.0.0.9')).toBe('full')
        expect(await counts()).toEqual([3, 0, 0])
      })
    })

    describe('leases', () => {
      it('are held by one until they lapse or are given up, with a greater fence for each holder', async () => {
        const first = await store.lease('work', 'a', 60_000)
        expect(await rig.second.lease('work', 'b', 60_000)).toBeUndefined()
        expect(await store.lease('work', 'a', 60_000)).toEqual(first)
        expect(await store.lease('other', 'b', 60_000)).toBeDefined()
        expect(await rig.second.endLease('work', 'b')).toBe(false)
        expect(await store.endLease('work', 'a')).toBe(true)
        expect(await store.endLease('work', 'a')).toBe(false)
        const second = await rig.second.lease('work', 'b', 1)
        expect(second?.fence).toBeGreaterThan(first?.fence ?? Number.POSITIVE_INFINITY)
        await delay(5)
        // Nobody came meanwhile, so it is still the same turn.
        expect(await rig.second.lease('work', 'b', 1)).toEqual(second)
        await delay(5)
        const third = await store.lease('work', 'a', 60_000)
        expect(third?.fence).toBeGreaterThan(second?.fence ?? Number.POSITIVE_INFINITY)
        expect(await rig.second.lease('work', 'b', 60_000)).toBeUndefined()
        expect(await store.endLease('never held', 'a')).toBe(false)
      })

      it('of many who ask at once, one gets it', async () => {
        const asked = Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : rig.second).lease('work', `holder-${index}`, 60_000),
        )
        expect((await Promise.all(asked)).filter((answer) => answer !== undefined)).toHaveLength(1)
      })
    })

    describe('hosts', () => {
      it('register: ready at once; again changes what it says of itself and keeps what it holds', async () => {
        const first = await store.register(newHost('10.0.0.1', 2))
        expect(first).toMatchObject({ ...newHost('10.0.0.1', 2), state: 'ready', containers: 0 })
        expect(first.lastBeatAt).toBe(first.registeredAt)
        await store.place(newSandbox('a'))
        await store.place(newSandbox('b'))
        await delay(3)
        const changed = {
          ...newHost('10.0.0.1', 5),
          apiUrl: 'https://other',
          runtime: 'process',
          version: '2',
        } as const
        const again = await store.register(changed)
        expect(again).toMatchObject({ ...changed, state: 'ready', containers: 2, registeredAt: first.registeredAt })
        expect(again.lastBeatAt).toBeGreaterThan(first.lastBeatAt)
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 2 })
        expect(await store.findHost('10.0.0.1')).toEqual(again)
      })

      it('register with less capacity than is taken: nothing is lost, and nothing new comes until there is room', async () => {
        await store.register(newHost('10.0.0.1', 3))
        for (const id of ['a', 'b', 'c']) await store.place(newSandbox(id))
        expect(await store.register(newHost('10.0.0.1', 2))).toMatchObject({ containers: 3, capacity: 2 })
        expect((await rig.look()).offered).toEqual({})
        await store.remove('sb_a')
        expect((await rig.look()).offered).toEqual({})
        await store.remove('sb_b')
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 1 })
      })

      it('draining: takes no new ones, keeps what it has, even when it registers, fills or empties', async () => {
        await store.register(newHost('10.0.0.1', 2))
        await store.place(newSandbox('a'))
        expect(await store.setDraining('10.0.0.1', true)).toMatchObject({ state: 'draining', containers: 1 })
        expect(await store.setDraining('10.0.0.1', true)).toMatchObject({ state: 'draining' })
        expect(await store.place(newSandbox('b'))).toEqual({ outcome: 'full' })
        expect(await store.register(newHost('10.0.0.1', 2))).toMatchObject({ state: 'draining' })
        await store.confirm('sb_a', 20_001)
        await store.remove('sb_a')
        expect((await rig.look()).offered).toEqual({})
        expect(await store.setDraining('10.0.0.1', false)).toMatchObject({ state: 'ready', containers: 0 })
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 0 })
        expect(await store.setDraining('10.9.9.9', true)).toBeUndefined()
      })

      it('are drained by whose turn it is, and only empty if that is meant', async () => {
        await store.register(newHost('10.0.0.1'))
        const old = (await store.lease('scaling', 'one', 1))?.fence ?? 0
        await store.endLease('scaling', 'one')
        const fence = (await rig.second.lease('scaling', 'two', 60_000))?.fence ?? 0
        expect(await store.drainInTurn('10.0.0.1', 'scaling', old, false)).toBeUndefined()
        expect(await store.drainInTurn('10.9.9.9', 'scaling', fence, false)).toBeUndefined()
        await store.place(newSandbox('t'))
        expect(await store.drainInTurn('10.0.0.1', 'scaling', fence, true)).toBeUndefined()
        expect((await store.findHost('10.0.0.1'))?.state).toBe('ready')
        expect(await store.drainInTurn('10.0.0.1', 'scaling', fence, false)).toMatchObject({ state: 'draining' })
        await store.setDraining('10.0.0.1', false)
        await store.remove('sb_t')
        expect(await store.drainInTurn('10.0.0.1', 'scaling', fence, true)).toMatchObject({ state: 'draining' })
        expect((await rig.look()).offered).toEqual({})
      })

      it('silent: out when not heard of, back with its right count at the next beat', async () => {
        for (const address of ['10.0.0.2', '10.0.0.1']) await store.register(newHost(address, 2))
        await store.place(newSandbox('a'))
        expect(await store.markSilent(3_600_000, 7_200_000)).toEqual([])
        expect(await store.markSilent(0, 7_200_000)).toEqual(['10.0.0.1', '10.0.0.2'])
        expect(await store.markSilent(0, 7_200_000)).toEqual([])
        expect((await store.listHosts()).map((host) => host.state)).toEqual(['silent', 'silent'])
        expect(await store.place(newSandbox('b'))).toEqual({ outcome: 'full' })
        await store.remove('sb_a')
        expect((await rig.look()).offered).toEqual({})
        expect(await store.beat('10.0.0.1')).toBe(true)
        expect(await store.findHost('10.0.0.1')).toMatchObject({ state: 'ready', containers: 0 })
        expect(await store.register(newHost('10.0.0.2', 4))).toMatchObject({ state: 'ready' })
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 0, '10.0.0.2': 0 })
      })

      it('lost: after being silent, or at once; a beat brings it back', async () => {
        for (const address of ['10.0.0.1', '10.0.0.2']) await store.register(newHost(address))
        await store.markSilent(0, 3_600_000)
        await store.beat('10.0.0.2')
        expect(await store.markSilent(0, 0)).toEqual(['10.0.0.1', '10.0.0.2'])
        expect(await store.markSilent(0, 0)).toEqual([])
        expect((await store.listHosts()).map((host) => host.state)).toEqual(['lost', 'lost'])
        expect((await rig.look()).offered).toEqual({})
        await store.beat('10.0.0.1')
        expect((await store.listHosts()).map((host) => host.state)).toEqual(['ready', 'lost'])
        expect((await rig.look()).offered).toEqual({ '10.0.0.1': 0 })
      })

      it('under pressure: takes no more, by its own word, until it takes that back', async () => {
        const load = { memory: 0.97, disk: 0.5, load: 0.25 }
        await store.register(newHost('10.0.0.1'))
        expect(await store.findHost('10.0.0.1')).not.toHaveProperty('load')
        await store.place(newSandbox('a'))
        expect(await store.beat('10.0.0.1', { ...load, pressure: 'memory' })).toBe(true)
        expect(await store.findHost('10.0.0.1')).toMatchObject({ state: 'pressured', load: { memory: 0.97 } })
        expect((await rig.look()).offered).toEqual({})
        expect(await store.place(newSandbox('b'))).toEqual({ outcome: 'full' })
        // A beat that says nothing of it, and a manager that starts again, change nothing.
        await store.beat('10.0.0.1')
        expect(await store.register(newHost('10.0.0.1'))).toMatchObject({ state: 'pressured' })
        await store.remove('sb_a')
        expect((await rig.look()).offered).toEqual({})
        expect(await store.setDraining('10.0.0.1', true)).toMatchObject({ state: 'draining' })
        expect(await store.setDraining('10.0.0.1', false)).toMatchObject({ state: 'pressured' })
        await store.beat('10.0.0.1', load)
        expect(await store.listHosts()).toMatchObject([{ state: 'ready', load }])
        expect(await store.place(newSandbox('b'))).toMatchObject({ outcome: 'placed', host: { load } })
      })

      it('a draining host that falls silent drains on when it is heard again', async () => {
        await store.register(newHost('10.0.0.1'))
        await store.setDraining('10.0.0.1', true)
        await store.markSilent(0, 3_600_000)
        expect(await store.setDraining('10.0.0.1', true)).toMatchObject({ state: 'silent' })
        await store.beat('10.0.0.1')
        expect(await store.findHost('10.0.0.1')).toMatchObject({ state: 'draining' })
        await store.markSilent(0, 3_600_000)
        expect(await store.setDraining('10.0.0.1', false)).toMatchObject({ state: 'silent' })
        expect((await rig.look()).offered).toEqual({})
        await store.beat('10.0.0.1')
        expect(await store.findHost('10.0.0.1')).toMatchObject({ state: 'ready' })
      })

      it('beat: remembers when, and knows only registered hosts', async () => {
        const { lastBeatAt } = await store.register(newHost('10.0.0.1'))
        await delay(3)
        expect(await store.beat('10.0.0.1')).toBe(true)
        expect((await store.findHost('10.0.0.1'))?.lastBeatAt).toBeGreaterThan(lastBeatAt)
        expect(await store.beat('10.9.9.9')).toBe(false)
        expect(await store.findHost('10.9.9.9')).toBeUndefined()
      })

      it('removeHost: only without sandboxes', async () => {
        await store.register(newHost('10.0.0.1'))
        await store.place(newSandbox('a'))
        expect(await store.removeHost('10.0.0.1')).toBe('inUse')
        await store.remove('sb_a')
        expect(await store.removeHost('10.0.0.1')).toBe('removed')
        expect(await store.removeHost('10.0.0.1')).toBe('unknown')
        expect(await store.listHosts()).toEqual([])
        expect((await rig.look()).offered).toEqual({})
        expect(await store.beat('10.0.0.1')).toBe(false)
        expect(await store.place(newSandbox('a'))).toEqual({ outcome: 'full' })
      })

      it('removing a host against placing on it: never a sandbox without its host', async () => {
        for (let round = 0; round < 20; round++) {
          await store.register(newHost('10.0.0.1'))
          const [placed, removed] = await Promise.all([
            store.place(newSandbox(`${round}`)),
            rig.second.removeHost('10.0.0.1'),
          ])
          expect([placed.outcome, removed]).toEqual(
            placed.outcome === 'placed' ? ['placed', 'inUse'] : ['full', 'removed'],
          )
          await store.remove(`sb_${round}`)
        }
      })

      it('listHosts: all of them, by address', async () => {
        const addresses = Array.from({ length: 2_500 }, (_, index) => `10.1.${index >> 8}.${index & 255}`)
        await Promise.all(addresses.map((address) => store.register(newHost(address))))
        const hosts = await store.listHosts()
        expect(hosts.map((host) => host.address)).toEqual([...addresses].sort())
        expect(hosts.find((host) => host.address === '10.1.9.9')).toEqual(await store.findHost('10.1.9.9'))
      })
    })

    describe('stories', () => {
      it('keeps events in order, with their data', async () => {
        await store.register(newHost('10.0.0.1'))
        await store.record('sb_a', 'requested', {})
        await store.place(newSandbox('a'))
        await store.record('sb_a', 'placed', {
          host: '10.0.0.1',
          ms: 1.5,
          nested: { list: [1, null, '\u00fc'] },
          gone: undefined,
        })
        const events = await store.events('sb_a')
        expect(events.map(({ event, data }) => ({ event, data }))).toStrictEqual([
          { event: 'requested', data: {} },
          { event: 'placed', data: { host: '10.0.0.1', ms: 1.5, nested: { list: [1, null, '\u00fc'] } } },
        ])
        expect(Math.abs((events[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000)
        expect(await store.events('sb_b')).toEqual([])
      })

      it('keeps the newest 200, and tells them after the sandbox is gone', async () => {
        await store.register(newHost('10.0.0.1'))
        await store.place(newSandbox('a'))
        await Promise.all(Array.from({ length: 205 }, (_, index) => store.record('sb_a', `event-${index}`, {})))
        await store.remove('sb_a')
        const events = (await store.events('sb_a')).map((event) => event.event)
        expect(events).toEqual(Array.from({ length: 200 }, (_, index) => `event-${index + 5}`))
      })
    })

    describe('idempotency keys', () => {
      it('one begins, the others hear that it is under way, then the answer', async () => {
        const begun = await Promise.all(
          Array.from({ length: 20 }, (_, index) => (index % 2 ? store : rig.second).beginOnce('key', 'print')),
        )
        expect(begun.map((answer) => answer.outcome).sort()).toEqual(['begun', ...Array(19).fill('underWay')])
        await store.finishOnce('key', '{"id":"\u00fc"}')
        expect(await rig.second.beginOnce('key', 'print')).toEqual({ outcome: 'done', answer: '{"id":"\u00fc"}' })
        await store.finishOnce('key', 'late')
        await store.abandonOnce('key')
        expect(await store.beginOnce('key', 'print')).toEqual({ outcome: 'done', answer: '{"id":"\u00fc"}' })
      })

      it('an abandoned one may begin again; a key of another request is refused', async () => {
        await store.beginOnce('key', 'print')
        expect(await store.beginOnce('key', 'other')).toEqual({ outcome: 'mismatch' })
        await store.abandonOnce('key')
        expect(await store.beginOnce('key', 'other')).toEqual({ outcome: 'begun' })
        expect(await store.beginOnce('key2', 'print')).toEqual({ outcome: 'begun' })
        await store.finishOnce('never begun', 'x')
        expect(await store.beginOnce('never begun', 'print')).toEqual({ outcome: 'begun' })
        await store.finishOnce('key', '')
        expect(await store.beginOnce('key', 'other')).toEqual({ outcome: 'done', answer: '' })
      })
    })

    describe('settings', () => {
      const kept = (settings: KeptSettings) => ({ outcome: 'kept', settings })

      it('the newest of each wins, for each person apart', async () => {
        expect(await store.settings('owner')).toEqual({})
        const first = { theme: { value: 'dark', at: 10 }, 'a.b': { value: { list: [1, null, '\u00fc'] }, at: 20 } }
        expect(await store.changeSettings('owner', first)).toEqual(kept(first))
        const second = { theme: { value: 'light', at: 11 }, 'a.b': { value: null, at: 20 }, c: { value: 1, at: 0 } }
        const merged = { ...first, theme: { value: 'light', at: 11 }, c: { value: 1, at: 0 } }
        expect(await rig.second.changeSettings('owner', second)).toEqual(kept(merged))
        expect(await store.changeSettings('owner', first)).toEqual(kept(merged))
        expect(await store.changeSettings('owner', {})).toEqual(kept(merged))
        expect(await store.settings('owner')).toEqual(merged)
        expect(await store.settings('somebody')).toEqual({})
      })

      it('nothing is from later than now', async () => {
        const answer = await store.changeSettings('owner', { theme: { value: 'dark', at: 9_000_000_000_000_000 } })
        const at = answer.outcome === 'kept' ? (answer.settings.theme?.at ?? 0) : 0
        expect(Math.abs(at - Date.now())).toBeLessThan(60_000)
      })

      it('refuses what is too large as a whole, and changes nothing then', async () => {
        const large = (name: string, length: number) => ({ [name]: { value: '\u00fc'.repeat(length), at: 5 } })
        // `a`, `5 `, two quotes and two bytes for each letter: the last byte there is room for.
        const most = (SETTINGS_LIMIT_BYTES - 5 - 1) / 2
        expect(await store.changeSettings('owner', large('a', Math.floor(most)))).toMatchObject({ outcome: 'kept' })
        const before = await store.settings('owner')
        const more = { a: { value: 'small', at: 1 }, b: { value: true, at: 6 } }
        expect(await store.changeSettings('owner', more)).toEqual({ outcome: 'tooLarge' })
        expect(await store.changeSettings('other', large('a', most + 1))).toEqual({ outcome: 'tooLarge' })
        expect([await store.settings('owner'), await store.settings('other')]).toEqual([before, {}])
        const less = { a: { value: 'small', at: 7 }, b: { value: true, at: 6 } }
        expect(await store.changeSettings('owner', less)).toEqual(kept(less))
      })
    })

    it('goes on as it was after a disturbance', async () => {
      await store.register(newHost('10.0.0.1', 2))
      await store.register(newHost('10.0.0.2', 2))
      await store.setDraining('10.0.0.2', true)
      await store.place(newSandbox('a'))
      await store.confirm('sb_a', 20_001)
      await store.mark('sb_a', 'asleep')
      await store.rename('sb_a', 'renamed')
      await store.setExpiry('sb_a', 9_000_000_000_000)
      await store.place(newSandbox('gone'))
      await store.remove('sb_gone')
      const adopted = { ...newSandbox('c'), host: '10.0.0.2', port: 20_009, createdAt: 5, updatedAt: 5 }
      await store.adopt({ ...adopted, state: 'stopped' })
      const turn = await store.lease('work', 'a', 60_000)
      await store.record('sb_a', 'placed', { n: 1 })
      await store.beginOnce('key', 'print')
      await store.finishOnce('key', 'answer')
      await store.changeSettings('owner', { theme: { value: 'dark', at: 5 } })
      const [list, events, look] = [await store.list(), await store.events('sb_a'), await rig.look()]
      await rig.disturb()
      store = rig.store
      expect([await store.list(), await store.events('sb_a'), await rig.look()]).toEqual([list, events, look])
      expect((await store.listHosts()).map((host) => host.state)).toEqual(['ready', 'draining'])
      expect(await store.settings('owner')).toEqual({ theme: { value: 'dark', at: 5 } })
      expect(await store.beginOnce('key', 'print')).toEqual({ outcome: 'done', answer: 'answer' })
      expect(await store.deletedAmong(['sb_a', 'sb_gone'])).toEqual(['sb_gone'])
      expect(await store.lease('work', 'a', 60_000)).toEqual(turn)
      expect(placedSandbox(await store.place(newSandbox('b'))).host).toBe('10.0.0.1')
    })

    it('answers ping, and refuses everything once closed', async () => {
      await store.ping()
      await store.close()
      await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await expect(store.place(newSandbox('a'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await expect(store.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    })
  })
}
