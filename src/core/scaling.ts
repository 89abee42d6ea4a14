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
  const { hosts, launches, waiting } = view
  const { capacity, headroom, minHosts } = settings
  const ready = hosts.filter(({ state }) => state === 'ready')
  // Who is silent may be back in a moment, and is no place for those who wait; one that is lost is given up.
  const silent = hosts.filter(({ state }) => state === 'silent')
  const pressured = hosts.filter(({ state }) => state === 'pressured')
  const free = freeOf(ready)
  const coming = launches.filter(({ state }) => state === 'ordered' || state === 'booting').length
  const missing = waiting - free + Math.max(0, headroom - freeOf(silent)) - coming * capacity
  const forPlaces = Math.max(0, Math.ceil(missing / Math.max(1, capacity)))
  const forMinimum = Math.max(0, minHosts - ready.length - pressured.length - silent.length - coming)
  const order = Math.max(forPlaces, forMinimum)
  if (order > 0) {
    const why = forPlaces >= forMinimum ? shortage(waiting, headroom, free, coming) : `at least ${minHosts} hosts`
    return { order, drain: [], end: [], reason: why }
  }
  return { order: 0, ...shrink(view, settings, ready, free) }
}

const freeOf = (hosts: readonly Host[]) =>
  hosts.reduce((sum, host) => sum + Math.max(0, host.capacity - host.containers), 0)

function shortage(waiting: number, headroom: number, free: number, coming: number): string {
  const parts = [`${waiting} waiting`, `${free} places free`]
  if (headroom > 0) parts.push(`${headroom} to be kept free`)
  if (coming > 0) parts.push(`${coming} hosts coming`)
  return parts.join(', ')
}

function shrink(
  { now, hosts, launches, waiting, emptySince }: ScalingView,
  { minHosts, headroom, idleMs, quietMs }: ScalingSettings,
  ready: readonly Host[],
  free: number,
): Omit<ScalingDecision, 'order'> {
  const none = { drain: [], end: [] as string[], reason: '' }
  const joined = new Map(launches.filter(({ state }) => state === 'joined').map((launch) => [launch.address, launch]))
  // Those that were drained the last time, by us or by the operator, and are still empty.
  const drained = hosts.filter(({ address, state, containers }) => {
    const isOver = now - (emptySince.get(address) ?? now) >= idleMs
    return state === 'draining' && containers === 0 && isOver && joined.has(address)
  })
  const end = drained.map(({ address }) => joined.get(address)?.id ?? '')
  if (waiting > 0) return { ...none, end, reason: end.length > 0 ? 'drained and empty' : '' }
  const latest = Math.max(0, ...launches.map(({ orderedAt }) => orderedAt))
  if (now - latest < quietMs) return { ...none, end, reason: end.length > 0 ? 'drained and empty' : '' }
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
  const minutes = Math.round(idleMs / 60_000)
  const reason = drain.length > 0 ? `empty for ${minutes} min` : end.length > 0 ? 'drained and empty' : ''
  return { drain, end, reason }
}
