import { createHash } from 'node:crypto'
import { FleetState } from '../../src/core/fleet-state.ts'
import { LaunchBook } from '../../src/core/launch-book.ts'
import { decideScaling, type ScalingSettings } from '../../src/core/scaling.ts'
import { newLaunch } from './launch-store-conformance.ts'
import { Random } from './random.ts'

export interface Simulated {
  /** Of the whole course: two runs of one seed are the same. */
  trace: string
  created: number
  peakSandboxes: number
  peakHosts: number
  /** Seconds that creates waited for a place, those that waited at all. */
  waits: number[]
  lost: number
  left: { hosts: number; launches: number; sandboxes: number }
}

export const CAPACITY = 50
const SECOND = 1_000
/** The part of the time in which somebody comes. */
const WAVE = 0.4

export interface Wave {
  seed: number
  /** Simulated time. */
  seconds: number
  /** Sandboxes at once, about. */
  peak: number
  /** Places kept free: as many as come while a host boots. */
  headroom: number
  maxHosts: number
}

/**
 * A day's wave on a large fleet, in simulated time: the real rules of placement, launches and scaling, with arrivals,
 * boots, refusals and deaths by a seed. One second a step.
 */
export function simulateFleet({ seed, seconds, peak, headroom, maxHosts }: Wave): Simulated {
  const chance = new Random(seed)
  const random = () => chance.next()
  const state = new FleetState()
  const book = new LaunchBook()
  const settings: ScalingSettings = {
    ...{ minHosts: 0, capacity: CAPACITY, headroom, idleMs: 120 * SECOND, quietMs: 60 * SECOND },
  }
  const trace = createHash('sha256')
  const outcome: Simulated = {
    ...{ trace: '', created: 0, peakSandboxes: 0, peakHosts: 0, waits: [], lost: 0 },
    left: { hosts: 0, launches: 0, sandboxes: 0 },
  }
  const line: { id: string; since: number }[] = []
  const ends = new Map<number, string[]>()
  const boots = new Map<string, number>()
  const machines = new Map<string, string>()
  const emptySince = new Map<string, number>()
  let number = 0
  const meanLife = 600
  for (let second = 1; second < seconds; second++) {
    const now = second * SECOND
    for (const id of ends.get(second) ?? []) state.remove(now, id)
    ends.delete(second)
    // Up and down in one wave; then nobody comes any more.
    const wave = Math.max(0, Math.sin((second / (seconds * WAVE)) * Math.PI))
    const arrivals = second < seconds * WAVE ? poisson((peak / meanLife) * wave, random) : 0
    for (let each = 0; each < arrivals; each++) line.push({ id: `sb_${++number}`, since: second })
    while (line.length > 0) {
      const [next] = line as [{ id: string; since: number }]
      const name = next.id.replace('_', '')
      const answer = state.place(now, { id: next.id, name, subdomain: `s${name}`, template: 'node', expiresAt: 0 })
      if (answer.outcome !== 'placed') break
      line.shift()
      outcome.created++
      if (second > next.since) outcome.waits.push(second - next.since)
      trace.update(`${next.id}@${answer.host.address} `)
      const end = second + 1 + Math.round(Math.min(4, -Math.log(1 - random())) * meanLife)
      ends.set(end, [...(ends.get(end) ?? []), next.id])
    }
    for (const [id, at] of boots) {
      if (at > second) continue
      boots.delete(id)
      const address = `10.${(number >> 8) & 255}.${machines.size & 255}.${second & 255}-${id}`
      if (!book.join(now, `h-${id}`, address)) continue
      machines.set(id, address)
      state.register(now, { address, apiUrl: '', capacity: CAPACITY, runtime: 'docker', version: '' })
    }
    const hosts = state.listHosts()
    for (const { address, containers } of hosts) {
      if (containers > CAPACITY) throw new Error(`${address} has ${containers} sandboxes`)
      if (containers > 0) emptySince.delete(address)
      else if (!emptySince.has(address)) emptySince.set(address, now)
    }
    // A machine dies now and then, with all that is on it.
    if (random() < 0.002 && hosts.length > 3) {
      const [dead] = [...machines].slice(Math.floor(random() * machines.size))
      if (dead) {
        for (const { id, host } of state.list()) {
          if (host !== dead[1]) continue
          state.remove(now, id)
          outcome.lost++
        }
        state.removeHost(now, dead[1])
        book.forget(now, dead[0], 1)
        machines.delete(dead[0])
      }
    }
    const launches = book.list()
    const view = {
      ...{ now, hosts: state.listHosts(), launches, waiting: line.length, emptySince },
      ...{ outdated: new Set<string>(), toMove: 0, mayOrder: maxHosts - launches.length },
    }
    const decision = decideScaling(view, settings)
    for (let each = 0; each < decision.order; each++) {
      const id = `ln_${second}_${each}`
      const { outcome: answer } = book.order(now, newLaunch(id), { maxHosts: maxHosts, maxPerHour: 9_999 }, 1)
      if (answer !== 'ordered') break
      // One in fifty is refused; the next decision asks for another.
      if (random() < 0.02) book.forget(now, id, 1)
      else {
        book.change(now, id, ['ordered'], { state: 'booting', machineId: `i-${id}` }, 1)
        boots.set(id, second + 20 + Math.floor(random() * 20))
      }
    }
    for (const address of decision.drain) state.setDraining(now, address, true)
    for (const id of decision.end) {
      const address = machines.get(id) ?? ''
      if (state.removeHost(now, address) !== 'removed') throw new Error(`${address} was to end, and is in use`)
      machines.delete(id)
      emptySince.delete(address)
      book.forget(now, id, 1)
    }
    if (launches.length > maxHosts) throw new Error(`${launches.length} machines; ${maxHosts} are allowed`)
    outcome.peakHosts = Math.max(outcome.peakHosts, launches.length)
    outcome.peakSandboxes = Math.max(outcome.peakSandboxes, state.size)
  }
  outcome.left = { hosts: state.listHosts().length, launches: book.list().length, sandboxes: state.size }
  outcome.trace = trace.digest('hex')
  return outcome
}

function poisson(mean: number, random: () => number): number {
  let count = 0
  for (let product = random(); product > Math.exp(-Math.min(mean, 600)); product *= random()) count++
  return count
}
