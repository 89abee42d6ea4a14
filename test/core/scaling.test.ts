import { describe, expect, it } from 'vitest'
import type { Host, HostState } from '../../src/core/host.ts'
import type { Launch, LaunchState } from '../../src/core/launch.ts'
import { decideScaling, type ScalingSettings, type ScalingView } from '../../src/core/scaling.ts'
import { newLaunch } from '../support/launch-store-conformance.ts'

const MINUTE = 60_000
const settings: ScalingSettings = { minHosts: 0, capacity: 10, headroom: 0, idleMs: 10 * MINUTE, quietMs: 10 * MINUTE }

const host = (address: string, containers: number, more: Partial<Host> = {}): Host => ({
  ...{
    address,
    apiUrl: `http://${address}`,
    capacity: 10,
    runtime: 'docker',
    version: '1',
    state: 'ready',
    containers,
  },
  ...{ registeredAt: 0, lastBeatAt: 0, ...more },
})
const launch = (id: string, state: LaunchState, address = '', orderedAt = 0): Launch =>
  newLaunch(id, { state, address, orderedAt })
const view = (more: Partial<ScalingView>): ScalingView => ({
  ...{ now: 60 * MINUTE, hosts: [], launches: [], waiting: 0, emptySince: new Map(), ...more },
})
const decide = (more: Partial<ScalingView>, changed: Partial<ScalingSettings> = {}) =>
  decideScaling(view(more), { ...settings, ...changed })

describe('scaling out', () => {
  it('asks for what those who wait need, and counts what is on its way', () => {
    expect(decide({})).toEqual({ order: 0, drain: [], end: [], reason: '' })
    expect(decide({ waiting: 1 })).toMatchObject({ order: 1, reason: '1 waiting, 0 places free' })
    expect(decide({ waiting: 25 }).order).toBe(3)
    expect(decide({ waiting: 25, launches: [launch('a', 'ordered'), launch('b', 'booting')] })).toMatchObject({
      order: 1,
      reason: '25 waiting, 0 places free, 2 hosts coming',
    })
    expect(decide({ waiting: 25, launches: ['a', 'b', 'c'].map((id) => launch(id, 'booting')) }).order).toBe(0)
    // One that joined is a host; one that ends is nothing.
    expect(decide({ waiting: 5, launches: [launch('a', 'ending'), launch('b', 'joined', 'x')] }).order).toBe(1)
  })

  it('uses the places there are, but none of hosts that are silent or drain', () => {
    expect(decide({ waiting: 3, hosts: [host('a', 8)] }).order).toBe(1)
    expect(decide({ waiting: 2, hosts: [host('a', 8)] }).order).toBe(0)
    expect(
      decide({ waiting: 2, hosts: [host('a', 0, { state: 'silent' }), host('b', 0, { state: 'draining' })] }).order,
    ).toBe(1)
    expect(decide({ waiting: 1, hosts: [host('a', 0, { state: 'pressured' })] }).order).toBe(1)
    // Adopted beyond its capacity.
    expect(decide({ waiting: 1, hosts: [host('a', 12), host('b', 9)] }).order).toBe(0)
  })

  it('keeps places free, and a least number of hosts', () => {
    expect(decide({ hosts: [host('a', 6)] }, { headroom: 5 })).toMatchObject({
      order: 1,
      reason: '0 waiting, 4 places free, 5 to be kept free',
    })
    expect(decide({ hosts: [host('a', 5)] }, { headroom: 5 }).order).toBe(0)
    // One that is silent may be back in a moment, and one under pressure is there; one that is lost is neither.
    const there = (state: HostState) => decide({ hosts: [host('a', 5, { state })] }, { minHosts: 1, headroom: 5 }).order
    expect([there('ready'), there('silent'), there('lost')]).toEqual([0, 0, 1])
    const least = (state: HostState) => decide({ hosts: [host('a', 5, { state })] }, { minHosts: 1 }).order
    expect([least('pressured'), least('draining'), least('lost')]).toEqual([0, 1, 1])
    expect(decide({}, { minHosts: 2 })).toMatchObject({ order: 2, reason: 'at least 2 hosts' })
    expect(decide({ hosts: [host('a', 0)], launches: [launch('b', 'ordered')] }, { minHosts: 2 }).order).toBe(0)
  })
})

describe('scaling in', () => {
  const hosts = [
    host('a', 0, { registeredAt: 1 }),
    host('b', 0, { registeredAt: 2 }),
    host('c', 3, { registeredAt: 3 }),
  ]
  const launches = ['a', 'b', 'c'].map((id) => launch(id, 'joined', id))
  const emptySince = new Map([
    ['a', 45 * MINUTE],
    ['b', 49 * MINUTE],
  ])

  it('drains the newest empty host first, one of few at a time, and ends it in a later round', () => {
    expect(decide({ hosts, launches, emptySince })).toEqual({
      order: 0,
      drain: ['b'],
      end: [],
      reason: 'empty for 10 min',
    })
    const drained = hosts.map((each) => (each.address === 'b' ? { ...each, state: 'draining' as const } : each))
    expect(decide({ hosts: drained, launches, emptySince })).toMatchObject({ drain: ['a'], end: ['b'] })
    // Somebody was placed there just before it was drained.
    const taken = drained.map((each) => (each.address === 'b' ? { ...each, containers: 1 } : each))
    expect(decide({ hosts: taken, launches, emptySince: new Map([['a', 55 * MINUTE]]) })).toMatchObject({
      drain: [],
      end: [],
    })
  })

  it('comes to no host at all, also with many places a host', () => {
    const [only] = hosts
    expect(decide({ hosts: only ? [only] : [], launches, emptySince }).drain).toEqual(['a'])
  })

  it('not while somebody waits, not soon after a launch, not below what is to be kept', () => {
    const full = host('d', 10)
    expect(decide({ hosts, launches, emptySince, waiting: 1 }).drain).toEqual([])
    const late = [...launches, launch('d', 'joined', 'd', 55 * MINUTE)]
    expect(decide({ hosts: [...hosts, full], launches: late, emptySince }).drain).toEqual([])
    expect(decide({ hosts, launches, emptySince }, { minHosts: 3 }).drain).toEqual([])
    expect(decide({ hosts, launches, emptySince }, { headroom: 18 }).drain).toEqual([])
    expect(decide({ hosts, launches, emptySince: new Map([['a', 51 * MINUTE]]) }).drain).toEqual([])
    // Hosts of the operator's own are his to give up.
    expect(decide({ hosts, launches: [launch('c', 'joined', 'c')], emptySince }).drain).toEqual([])
  })
})
