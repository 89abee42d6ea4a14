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
  ...{
    now: 60 * MINUTE,
    hosts: [],
    launches: [],
    waiting: 0,
    emptySince: new Map(),
    toMove: 0,
    outdated: new Set(),
    mayOrder: 5,
    ...more,
  },
})
const decide = (more: Partial<ScalingView>, changed: Partial<ScalingSettings> = {}) =>
  decideScaling(view(more), { ...settings, ...changed })

describe('hosts that are out of date', () => {
  const old = (addresses: string[], more: Partial<ScalingView>) =>
    decide({
      launches: [launch('l1', 'joined', 'a'), launch('l2', 'joined', 'b')],
      outdated: new Set(addresses),
      ...more,
    })

  it('go one at a time, when what they have finds a place', () => {
    const both = [host('a', 3), host('b', 3)]
    expect(old(['a', 'b'], { hosts: both })).toMatchObject({ order: 0, drain: ['a'], reason: 'out of date' })
    const rolling = [host('a', 3, { state: 'draining' }), host('b', 3)]
    expect(old(['a', 'b'], { hosts: rolling })).toMatchObject({ order: 0, drain: [], end: [] })
    // Full hosts need one more, which is asked for once the first one drains.
    const full = [host('a', 10), host('b', 10)]
    expect(old(['a', 'b'], { hosts: full, mayOrder: 1 }).drain).toEqual(['a'])
    expect(old(['a', 'b'], { hosts: full, mayOrder: 0 }).drain).toEqual([])
    expect(old(['a'], { hosts: [host('a', 10, { state: 'draining' }), host('b', 5)], toMove: 10 })).toMatchObject({
      order: 1,
      reason: '0 waiting, 5 places free, 10 to move',
    })
    // Nobody is left without any host, and nobody waits for it.
    expect(old(['a'], { hosts: [host('a', 0)], mayOrder: 0 }).drain).toEqual([])
    expect(old(['a'], { hosts: both, waiting: 1 }).drain).toEqual([])
  })

  it('are given back as soon as they are empty', () => {
    const now = 60 * MINUTE
    const hosts = [host('a', 0, { state: 'draining' }), host('b', 3)]
    const emptySince = new Map([['a', now]])
    expect(old(['a'], { hosts, emptySince }).end).toEqual(['l1'])
    expect(old([], { hosts, emptySince }).end).toEqual([])
    // Also while others are asked for: they may stand in the way.
    expect(old(['a'], { hosts, emptySince, waiting: 20 })).toMatchObject({ order: 2, end: ['l1'] })
  })

  it('those that are taken back are made up for at once', () => {
    expect(decide({ hosts: [host('a', 3, { state: 'draining' })], toMove: 3 }).order).toBe(1)
    expect(decide({ hosts: [host('a', 3, { state: 'draining' })] }).order).toBe(0)
  })
})

describe('scaling out', () => {
  it('asks for what those who wait need, and counts what is on its way', () => {
    expect(decide({})).toEqual({ order: 0, drain: [], isRoll: false, end: [], reason: '' })
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
      isRoll: false,
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

  it('not those that sandboxes of other hosts are to move to', () => {
    expect(decide({ hosts, launches, emptySince, toMove: 18 }).drain).toEqual([])
    expect(decide({ hosts, launches, emptySince, toMove: 17 }).drain).toEqual(['b'])
  })

  it('gives an empty host that may take nobody back first, and counts it for nothing', () => {
    const pressured = hosts.map((each) => (each.address === 'a' ? { ...each, state: 'pressured' as const } : each))
    expect(decide({ hosts: pressured, launches, emptySince })).toMatchObject({ order: 0, drain: ['a'] })
    const [only] = pressured
    const own = [launch('a', 'joined', 'a')]
    expect(decide({ hosts: only ? [only] : [], launches: own, emptySince }, { minHosts: 1 }).order).toBe(1)
    // One that has joined is a host in a moment.
    const joining = [{ ...launch('x', 'joined', 'x'), changedAt: 60 * MINUTE - 1 }]
    expect(decide({ launches: joining, waiting: 1 }).order).toBe(0)
    expect(decide({ launches: [launch('x', 'joined', 'x')], waiting: 1 }).order).toBe(1)
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
