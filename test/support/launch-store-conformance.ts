import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Launch, LaunchStore } from '../../src/core/launch.ts'

export interface LaunchStoreRig {
  store: LaunchStore
  /** Closes it and opens what it kept. */
  reopen(): Promise<LaunchStore>
  close(): Promise<void>
}

const limits = { maxHosts: 3, maxPerHour: 5 }

export const newLaunch = (id: string, more: Partial<Launch> = {}): Launch => ({
  ...{
    id,
    state: 'ordered',
    offering: { type: 'm', market: 'on-demand', hourly: 0.1 },
    attempt: 0,
    joinHash: `h-${id}`,
  },
  ...{ machineId: '', address: '', reason: '1 waits', step: '', orderedAt: 0, changedAt: 0, ...more },
})

/** What every LaunchStore does. */
export function launchStoreConformance(name: string, open: () => Promise<LaunchStoreRig>): void {
  describe(name, () => {
    let rig: LaunchStoreRig
    let store: LaunchStore
    beforeEach(async () => {
      rig = await open()
      store = rig.store
    })
    afterEach(() => rig.close())

    it('orders up to its limits, and the same one only once', async () => {
      for (const id of ['a', 'b', 'b', 'c']) {
        expect(await store.order(newLaunch(id), limits, 1)).toEqual({ outcome: 'ordered' })
      }
      expect((await store.list()).map(({ id, state }) => [id, state])).toEqual([
        ['a', 'ordered'],
        ['b', 'ordered'],
        ['c', 'ordered'],
      ])
      expect((await store.list())[0]?.orderedAt).toBeGreaterThan(Date.now() - 60_000)
      expect(await store.order(newLaunch('d'), limits, 1)).toEqual({ outcome: 'hosts' })
      for (const id of ['a', 'b', 'c']) expect(await store.forget(id, 1)).toBe(true)
      expect(await store.forget('a', 1)).toBe(false)
      for (const id of ['d', 'e']) expect(await store.order(newLaunch(id), limits, 1)).toEqual({ outcome: 'ordered' })
      // Five were asked for within the hour, also if some are gone.
      expect(await store.order(newLaunch('f'), limits, 1)).toEqual({ outcome: 'rate' })
    })

    it('of many orders at once, no more than the limit are taken', async () => {
      const ids = Array.from({ length: 30 }, (_, index) => `ln_${index}`)
      const answers = await Promise.all(ids.map((id) => store.order(newLaunch(id), limits, 1)))
      expect(answers.filter(({ outcome }) => outcome === 'ordered')).toHaveLength(3)
    })

    it('keeps within what it may cost', async () => {
      const spend = { ...limits, maxHourly: 0.25 }
      expect(await store.order(newLaunch('a'), spend, 1)).toEqual({ outcome: 'ordered' })
      expect(await store.order(newLaunch('b'), spend, 1)).toEqual({ outcome: 'ordered' })
      expect(await store.order(newLaunch('c'), spend, 1)).toEqual({ outcome: 'spend' })
      expect(await store.order(newLaunch('d', { offering: { type: 'x', market: 'spot' } }), spend, 1)).toEqual({
        outcome: 'ordered',
      })
    })

    it('asks for another offering within what all may cost', async () => {
      const spend = { ...limits, maxHourly: 0.25 }
      for (const id of ['a', 'b']) await store.order(newLaunch(id), spend, 1)
      const dear = { type: 'x', market: 'on-demand', hourly: 0.15 } as const
      expect(await store.exchange('a', dear, spend, 1)).toEqual({ outcome: 'ordered' })
      expect(await store.exchange('b', dear, spend, 1)).toEqual({ outcome: 'spend' })
      expect(await store.exchange('b', dear, limits, 0)).toEqual({ outcome: 'stale' })
      expect(await store.exchange('c', dear, limits, 1)).toEqual({ outcome: 'stale' })
      expect((await store.list()).map(({ id, attempt, offering }) => [id, attempt, offering.hourly])).toEqual([
        ['a', 1, 0.15],
        ['b', 0, 0.1],
      ])
      await store.change('b', ['ordered'], { state: 'booting' }, 1)
      expect(await store.exchange('b', dear, limits, 1)).toEqual({ outcome: 'stale' })
    })

    it('changes what is in the right state, for whose turn it is', async () => {
      await store.order(newLaunch('a'), limits, 5)
      const booting = await store.change('a', ['ordered'], { state: 'booting', machineId: 'i-1' }, 5)
      expect(booting).toMatchObject({ state: 'booting', machineId: 'i-1', reason: '1 waits' })
      expect(booting?.changedAt).toBeGreaterThanOrEqual(booting?.orderedAt ?? Infinity)
      expect(await store.change('a', ['ordered'], { state: 'booting' }, 5)).toBeUndefined()
      expect(await store.change('unknown', ['ordered'], {}, 5)).toBeUndefined()
      // One that was paused for long comes back with an old turn.
      expect(await store.change('a', ['booting'], { state: 'ending' }, 6)).toMatchObject({ state: 'ending' })
      expect(await store.change('a', ['ending'], { reason: 'late' }, 5)).toBeUndefined()
      expect(await store.order(newLaunch('b'), limits, 5)).toEqual({ outcome: 'stale' })
      expect(await store.forget('a', 5)).toBe(false)
      expect((await store.list()).map(({ id, reason }) => [id, reason])).toEqual([['a', '1 waits']])
    })

    it('lets a manager join once, from one address, until its token is burnt', async () => {
      await store.order(newLaunch('a'), limits, 1)
      expect(await store.join('', '10.0.0.1')).toBeUndefined()
      expect(await store.join('wrong', '10.0.0.1')).toBeUndefined()
      expect(await store.report('', 'x')).toBeUndefined()
      expect(await store.report('h-a', 'loading images')).toMatchObject({ id: 'a', step: 'loading images' })
      expect((await store.list())[0]?.step).toBe('loading images')
      expect(await store.join('h-a', '10.0.0.1')).toMatchObject({ id: 'a', state: 'joined', address: '10.0.0.1' })
      expect(await store.join('h-a', '10.0.0.1')).toMatchObject({ id: 'a' })
      expect(await store.join('h-a', '10.0.0.2')).toBeUndefined()
      await store.burn('10.0.0.1')
      expect(await store.join('h-a', '10.0.0.1')).toBeUndefined()
      expect(await store.join('', '10.0.0.1')).toBeUndefined()
      await store.order(newLaunch('b'), limits, 1)
      await store.change('b', ['ordered'], { state: 'ending' }, 1)
      expect(await store.join('h-b', '10.0.0.3')).toBeUndefined()
    })

    it('keeps all of it', async () => {
      await store.order(newLaunch('a'), limits, 7)
      await store.change('a', ['ordered'], { state: 'booting', machineId: 'i-1' }, 7)
      const before = await store.list()
      store = await rig.reopen()
      expect(await store.list()).toEqual(before)
      expect(await store.order(newLaunch('b'), limits, 6)).toEqual({ outcome: 'stale' })
    })

    it('lets requests stand in line in the order they came', async () => {
      expect(await store.waiting()).toBe(0)
      expect(await store.wait('one')).toBe(0)
      expect(await store.wait('two')).toBe(1)
      expect(await store.wait('three')).toBe(2)
      expect(await store.wait('one')).toBe(0)
      await store.leave('one')
      expect(await store.wait('three')).toBe(1)
      expect(await store.waiting()).toBe(2)
      expect(await store.wait('one')).toBe(2)
    })
  })
}
