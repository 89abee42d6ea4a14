import { describe, expect, it } from 'vitest'
import { FleetState } from '../../src/core/fleet-state.ts'
import { newHost, newSandbox, placedSandbox } from '../support/fleet-store-conformance.ts'

/** What depends on the time; all else is in the conformance suite of the stores. */
describe('FleetState', () => {
  function oneHost(capacity = 3): FleetState {
    const state = new FleetState()
    state.register(1_000, newHost('10.0.0.1', capacity))
    return state
  }

  it('stamps each step with its time', () => {
    const state = oneHost()
    expect(placedSandbox(state.place(2_000, newSandbox('a')))).toMatchObject({ createdAt: 2_000, updatedAt: 2_000 })
    state.confirm(3_000, 'sb_a', 20_001)
    state.confirm(4_000, 'sb_a', 20_001)
    expect(state.find('sb_a')).toMatchObject({ createdAt: 2_000, updatedAt: 3_000 })
    state.beginDelete(5_000, 'sb_a')
    state.beginDelete(6_000, 'sb_a')
    expect(state.find('sb_a')).toMatchObject({ createdAt: 2_000, updatedAt: 5_000 })
  })

  it('takes a host for silent exactly when the time is over', () => {
    const state = oneHost()
    expect(state.markSilent(20_999, 20_000, 60_000)).toEqual([])
    state.beat(2_000, '10.0.0.1')
    expect(state.markSilent(21_999, 20_000, 60_000)).toEqual([])
    expect(state.markSilent(22_000, 20_000, 60_000)).toEqual(['10.0.0.1'])
  })

  it('keeps the story of a sandbox without a place for an hour, of one with a place for ever', () => {
    const state = oneHost()
    const hour = 3_600_000
    state.record(1_000, 'sb_a', 'requested', {})
    expect(state.events(1_000 + hour - 1, 'sb_a').length).toBe(1)
    state.place(2_000, newSandbox('a'))
    expect(state.events(99 * hour, 'sb_a').length).toBe(1)
    state.remove(100 * hour, 'sb_a')
    expect(state.events(101 * hour - 1, 'sb_a').length).toBe(1)
    expect(state.events(101 * hour, 'sb_a')).toEqual([])
    expect(state.snapshot(101 * hour).stories).toEqual([])
  })

  it('lets a claim lapse after 10 minutes and an answer after 24 hours', () => {
    const state = oneHost()
    const [claim, kept] = [600_000, 86_400_000]
    state.beginOnce(0, 'key', 'print')
    expect(state.beginOnce(claim - 1, 'key', 'print')).toEqual({ outcome: 'underWay' })
    expect(state.beginOnce(claim, 'key', 'other')).toEqual({ outcome: 'begun' })
    state.finishOnce(claim + 5, 'key', 'answer')
    expect(state.beginOnce(claim + 4 + kept, 'key', 'other')).toEqual({ outcome: 'done', answer: 'answer' })
    expect(state.beginOnce(claim + 5 + kept, 'key', 'print')).toEqual({ outcome: 'begun' })
    expect(state.snapshot(kept * 3).once).toEqual([])
  })

  it('knows for a day that a sandbox was deleted', () => {
    const state = oneHost()
    const day = 86_400_000
    for (const id of ['a', 'b']) state.place(2_000, newSandbox(id))
    state.remove(3_000, 'sb_a')
    expect(state.deletedAmong(3_000 + day - 1, ['sb_a', 'sb_b'])).toEqual(['sb_a'])
    expect(state.deletedAmong(3_000 + day, ['sb_a'])).toEqual([])
    state.remove(3_000 + day, 'sb_b')
    expect(state.snapshot(3_000 + day).tombstones).toEqual([{ id: 'sb_b', at: 3_000 + day }])
    const found = { ...newSandbox('b'), host: '10.0.0.1', port: 1, createdAt: 5, updatedAt: 5 }
    expect(state.adopt(3_000 + 2 * day - 1, { ...found, state: 'running' })).toBe('deleted')
    expect(state.adopt(3_000 + 2 * day, { ...found, state: 'running' })).toBe('adopted')
  })

  it('gives a lease to another exactly when its time is over', () => {
    const state = new FleetState()
    expect(state.lease(1_000, 'work', 'a', 500)).toEqual({ fence: 1_000 })
    expect(state.lease(1_499, 'work', 'b', 500)).toBeUndefined()
    expect(state.lease(1_499, 'work', 'a', 500)).toEqual({ fence: 1_000 })
    expect(state.lease(1_998, 'work', 'b', 500)).toBeUndefined()
    expect(state.lease(1_999, 'work', 'b', 500)).toEqual({ fence: 1_999 })
    state.endLease(1_999, 'work', 'b')
    expect(state.lease(1_999, 'work', 'a', 500)).toEqual({ fence: 2_000 })
    state.lapseLeases()
    expect(state.lease(1_999, 'work', 'b', 500)).toEqual({ fence: 2_001 })
  })

  it('is the same after its snapshot was read', () => {
    const state = oneHost()
    state.register(1_500, newHost('10.0.0.2', 1))
    state.place(1_900, newSandbox('gone'))
    state.remove(1_900, 'sb_gone')
    for (const id of ['a', 'b', 'c']) state.place(2_000, newSandbox(id))
    state.confirm(3_000, 'sb_a', 20_001)
    state.setDraining(3_000, '10.0.0.2', true)
    state.markSilent(30_000, 20_000, 60_000)
    state.record(30_000, 'sb_a', 'placed', { host: '10.0.0.1' })
    state.beginOnce(30_000, 'key', 'print')
    state.changeSettings(30_000, 'owner', { theme: { value: 'dark', at: 29_000 } })
    state.lease(30_000, 'work', 'a', 99_000)
    const snapshot = state.snapshot(40_000)
    const again = FleetState.from(JSON.parse(JSON.stringify(snapshot)))
    expect(again.snapshot(40_000)).toEqual(snapshot)
    for (const copy of [state, again]) copy.beat(50_000, '10.0.0.1')
    expect(again.place(50_000, newSandbox('d'))).toEqual(state.place(50_000, newSandbox('d')))
    expect(again.place(50_000, newSandbox('e', { name: 'name-a' }))).toEqual({ outcome: 'nameTaken' })
    expect(again.listHosts()).toEqual(state.listHosts())
    expect(again.deletedAmong(50_000, ['sb_gone'])).toEqual(['sb_gone'])
    expect(again.lease(50_000, 'work', 'b', 1)).toBeUndefined()
  })

  it('counts only what must be kept as a change', () => {
    const state = oneHost()
    state.place(2_000, newSandbox('a'))
    const { changes } = state
    state.place(2_000, newSandbox('a'))
    state.place(2_000, newSandbox('b', { name: 'name-a' }))
    state.place(2_000, newSandbox('b'), ['10.0.0.1'])
    state.beat(2_000, '10.0.0.1')
    state.markSilent(2_000, 20_000, 60_000)
    state.setDraining(2_000, '10.0.0.1', false)
    state.remove(2_000, 'sb_x', true)
    state.confirm(2_000, 'sb_x', 1)
    state.removeHost(2_000, '10.0.0.1')
    state.finishOnce(2_000, 'key', 'x')
    expect(state.changes).toBe(changes)
    state.confirm(2_000, 'sb_a', 1)
    expect(state.changes).toBe(changes + 1)
    state.mark(2_000, 'sb_a', 'running')
    state.rename(2_000, 'sb_a', 'name-a')
    state.setExpiry(2_000, 'sb_a', 0)
    state.adopt(2_000, { ...newSandbox('a'), state: 'running', host: '10.0.0.1', port: 1, createdAt: 5, updatedAt: 5 })
    expect(state.changes).toBe(changes + 1)
    state.lease(2_000, 'work', 'a', 500)
    state.lease(2_000, 'work', 'a', 500)
    state.lease(2_000, 'work', 'b', 500)
    expect(state.changes).toBe(changes + 2)
  })
})
