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
  /** Sandboxes that are to leave hosts that go, and have no place elsewhere yet. */
  toMove: number
  /** So many machines may still be asked for. */
  mayOrder: number
}

export interface ScalingDecision {
  /** So many machines are to be asked for. */
  order: number
  /** Hosts that shall take no new sandboxes, to go once that has been seen to hold. */
  drain: string[]
  /** They may have sandboxes; else they are drained only if they have none. */
  isRoll: boolean
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
  const { hosts, waiting, toMove } = view
  const { capacity, headroom, minHosts } = settings
  const ready = hosts.filter(({ state }) => state === 'ready')
  // Who is silent may be back in a moment, and is no place for those who wait; one that is lost is given up.
  const silent = hosts.filter(({ state }) => state === 'silent')
  const pressured = hosts.filter(({ state }) => state === 'pressured')
  const free = freeOf(ready)
  const coming = comingOf(view)
  const missing = waiting + toMove - free + Math.max(0, headroom - freeOf(silent)) - coming * capacity
  const forPlaces = Math.max(0, Math.ceil(missing / Math.max(1, capacity)))
  // One that may take none, and has none, is as good as none.
  const used = pressured.filter(({ containers }) => containers > 0)
  const forMinimum = Math.max(0, minHosts - ready.length - used.length - silent.length - coming)
  const order = Math.max(forPlaces, forMinimum)
  const end = emptied(view, settings)
  if (order > 0) {
    const why =
      forPlaces >= forMinimum ? shortage(waiting, toMove, headroom, free, coming) : `at least ${minHosts} hosts`
    return { order, ...NOTHING, end, reason: why }
  }
  const { drain, isRoll, reason } = waiting > 0 ? NOTHING : (roll(view, settings, ready) ?? shrink(view, settings))
  return { order: 0, drain, isRoll, end, reason: drain.length === 0 && end.length > 0 ? 'drained and empty' : reason }
}

/** Between a manager's joining and its registration are moments. */
const REGISTERS_WITHIN_MS = 60_000

const NOTHING = { drain: [] as string[], isRoll: false, reason: '' }

/** Machines that will be hosts; one whose manager has joined is a host a moment later. */
function comingOf({ now, hosts, launches }: ScalingView): number {
  const there = new Set(hosts.map(({ address }) => address))
  return launches.filter(({ state, address, changedAt }) => {
    const isJoining = state === 'joined' && !there.has(address) && now - changedAt < REGISTERS_WITHIN_MS
    return state === 'ordered' || state === 'booting' || isJoining
  }).length
}

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
  const here = hosts.filter(({ state }) => state === 'ready' || state === 'pressured')
  const next = isRolling ? undefined : here.find(({ address }) => outdated.has(address))
  if (!next) return undefined
  const others = ready.filter((host) => host !== next)
  const mayGo = others.length > 0 || mayOrder > 0
  if (!mayGo || freeOf(others) + mayOrder * capacity < next.containers) return undefined
  return { drain: [next.address], isRoll: true, reason: 'out of date' }
}

/** Hosts that nobody needs any more; first those that could not take anybody. */
function shrink(
  { now, hosts, launches, emptySince, toMove }: ScalingView,
  { minHosts, headroom, idleMs, quietMs }: ScalingSettings,
): Omit<ScalingDecision, 'order' | 'end'> {
  const latest = Math.max(0, ...launches.map(({ orderedAt }) => orderedAt))
  if (now - latest < quietMs) return NOTHING
  const joined = joinedOf(launches)
  const isUsable = ({ state, containers }: Host) => state === 'ready' || (state === 'pressured' && containers > 0)
  const idle = hosts
    .filter(({ state }) => state === 'ready' || state === 'pressured')
    .filter(({ address, containers }) => containers === 0 && now - (emptySince.get(address) ?? now) >= idleMs)
    .filter(({ address }) => joined.has(address))
    .sort((a, b) => Number(isUsable(a)) - Number(isUsable(b)) || b.registeredAt - a.registeredAt)
  const drain: string[] = []
  let left = hosts.filter(isUsable).length
  let free = freeOf(hosts.filter(({ state }) => state === 'ready'))
  // A few at a time: what was a lull may be over.
  const most = Math.max(1, Math.floor(left / 4))
  for (const host of idle.slice(0, most)) {
    if (isUsable(host)) {
      left -= 1
      free -= host.capacity
    }
    // What is on its way out of other hosts needs room, too.
    if (left < minHosts || free < headroom + toMove) break
    drain.push(host.address)
  }
  return drain.length === 0 ? NOTHING : { drain, isRoll: false, reason: `empty for ${Math.round(idleMs / 60_000)} min` }
}
