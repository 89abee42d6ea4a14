import type { Host } from './host.ts'
import type { Launch } from './launch.ts'

export interface ScalingSettings {
  /** Hosts there are at least, also when nobody needs them. */
  minHosts: number
  /** Sandboxes that each new host may hold. */
  capacity: number
  /** Places that are to be free, so that who asks need not wait. */
  headroom: number
  /** A host without sandboxes for so long goes. */
  idleMs: number
  /** No host goes so soon after one was asked for. */
  quietMs: number
}

/** What there is when it is decided. */
export interface ScalingView {
  now: number
  hosts: readonly Host[]
  launches: readonly Launch[]
  /** Requests that stand in line. */
  waiting: number
  /** Since when each host has no sandboxes, milliseconds since the epoch, by address. */
  emptySince: ReadonlyMap<string, number>
  /** Addresses of hosts that run what is not wanted any more. */
  outdated: ReadonlySet<string>
  /** How many of each host's sandboxes have a place elsewhere already, which they are moving to, by address. */
  moving: ReadonlyMap<string, number>
  /** So many machines may still be asked for. */
  mayOrder: number
}

export interface ScalingDecision {
  /** So many machines are to be asked for. */
  order: number
  /** Hosts that shall take no new sandboxes, to go once that has been seen to hold. */
  drain: string[]
  /** Launches whose host is drained and empty: to be ended. */
  end: string[]
  /** Why, for people. */
  reason: string
}

/**
 * How a fleet grows and shrinks: pure. Machines that are asked for or boot count as the places they will have; forgetting
 * that is how fleets launch six times what they need. Only empty hosts go, the newest first, in two steps, so that no
 * sandbox can be placed in between.
 */
export function decideScaling(view: ScalingView, settings: ScalingSettings): ScalingDecision {
  const { hosts, launches, waiting, outdated, moving } = view
  const { capacity, headroom, minHosts } = settings
  const ready = hosts.filter(({ state }) => state === 'ready')
  // Who is silent may be back in a moment, and is no place for those who wait; one that is lost is given up.
  const silent = hosts.filter(({ state }) => state === 'silent')
  const pressured = hosts.filter(({ state }) => state === 'pressured')
  const free = freeOf(ready)
  const coming = launches.filter(({ state }) => state === 'ordered' || state === 'booting').length
  // Sandboxes of hosts that go need a place elsewhere.
  const going = hosts.filter((host) => host.state === 'draining' && (outdated.has(host.address) || isTakenBack(host)))
  const toMove = going.reduce((sum, { address, containers }) => sum + containers - (moving.get(address) ?? 0), 0)
  const missing = waiting + toMove - free + Math.max(0, headroom - freeOf(silent)) - coming * capacity
  const forPlaces = Math.max(0, Math.ceil(missing / Math.max(1, capacity)))
  const forMinimum = Math.max(0, minHosts - ready.length - pressured.length - silent.length - coming)
  const order = Math.max(forPlaces, forMinimum)
  const end = emptied(view, settings)
  if (order > 0) {
    const why =
      forPlaces >= forMinimum ? shortage(waiting, toMove, headroom, free, coming) : `at least ${minHosts} hosts`
    return { order, drain: [], end, reason: why }
  }
  const { drain, reason } = waiting > 0 ? NOTHING : (roll(view, settings, ready) ?? shrink(view, settings, ready))
  return { order: 0, drain, end, reason: drain.length === 0 && end.length > 0 ? 'drained and empty' : reason }
}

const NOTHING = { drain: [] as string[], reason: '' }

const isTakenBack = ({ load }: Host) => load?.leavesAt !== undefined

const freeOf = (hosts: readonly Host[]) =>
  hosts.reduce((sum, host) => sum + Math.max(0, host.capacity - host.containers), 0)

function shortage(waiting: number, toMove: number, headroom: number, free: number, coming: number): string {
  const parts = [`${waiting} waiting`, `${free} places free`]
  if (toMove > 0) parts.push(`${toMove} to move`)
  if (headroom > 0) parts.push(`${headroom} to be kept free`)
  if (coming > 0) parts.push(`${coming} hosts coming`)
  return parts.join(', ')
}

/** Launches whose host was drained, by us or by the operator, and is still empty. */
function emptied({ now, hosts, launches, emptySince, outdated }: ScalingView, { idleMs }: ScalingSettings): string[] {
  const joined = joinedOf(launches)
  const drained = hosts.filter((host) => {
    const isOver =
      outdated.has(host.address) || isTakenBack(host) || now - (emptySince.get(host.address) ?? now) >= idleMs
    return host.state === 'draining' && host.containers === 0 && isOver
  })
  return drained.flatMap(({ address }) => joined.get(address)?.id ?? [])
}

const joinedOf = (launches: readonly Launch[]) =>
  new Map(launches.filter(({ state }) => state === 'joined').map((launch) => [launch.address, launch]))

/** The next host that is out of date, one at a time, and only if what it has finds a place elsewhere. */
function roll(
  { hosts, outdated, mayOrder }: ScalingView,
  { capacity }: ScalingSettings,
  ready: readonly Host[],
): Omit<ScalingDecision, 'order' | 'end'> | undefined {
  const isRolling = hosts.some(({ address, state, containers }) => {
    return state === 'draining' && containers > 0 && outdated.has(address)
  })
  const next = isRolling ? undefined : ready.find(({ address }) => outdated.has(address))
  if (!next) return undefined
  const others = ready.filter((host) => host !== next)
  const mayGo = others.length > 0 || mayOrder > 0
  if (!mayGo || freeOf(others) + mayOrder * capacity < next.containers) return undefined
  return { drain: [next.address], reason: 'out of date' }
}

/** Hosts that nobody needs any more. */
function shrink(
  { now, launches, emptySince }: ScalingView,
  { minHosts, headroom, idleMs, quietMs }: ScalingSettings,
  ready: readonly Host[],
): Omit<ScalingDecision, 'order' | 'end'> {
  const latest = Math.max(0, ...launches.map(({ orderedAt }) => orderedAt))
  if (now - latest < quietMs) return NOTHING
  const joined = joinedOf(launches)
  const free = freeOf(ready)
  const idle = ready
    .filter(({ address, containers }) => containers === 0 && now - (emptySince.get(address) ?? now) >= idleMs)
    .filter(({ address }) => joined.has(address))
    .sort((a, b) => b.registeredAt - a.registeredAt)
  const drain: string[] = []
  // A few at a time: what was a lull may be over.
  const most = Math.max(1, Math.floor(ready.length / 4))
  for (const { address, capacity } of idle) {
    const left = ready.length - drain.length - 1
    const leftFree = free - capacity * (drain.length + 1)
    if (drain.length >= most || left < minHosts || leftFree < headroom) break
    drain.push(address)
  }
  return drain.length === 0 ? NOTHING : { drain, reason: `empty for ${Math.round(idleMs / 60_000)} min` }
}
