import { setTimeout as sleep } from 'node:timers/promises'
import { OmegaError } from '../core/errors.ts'
import { pressureText } from '../core/host-pressure.ts'
import type { FleetView, LaunchView } from '../core/wire/fleet.ts'
import type { HostView } from '../core/wire/http.ts'
import type { Client } from './client.ts'
import { age, print, printable, say, table } from './output.ts'

const EVERY_MS = 1_000

export function hostTable(hosts: readonly HostView[], now: number): string {
  const rows = hosts.map(({ address, state, containers, capacity, runtime, lastBeatAt, load, apiUrl }) => {
    const text = state === 'pressured' && load?.pressure ? `short of ${pressureText[load.pressure]}` : state
    const shares = [load?.memory, load?.disk].map((share) =>
      share === undefined ? '-' : `${Math.round(share * 100)}%`,
    )
    const heard = `${age(lastBeatAt, now)} ago`
    return [address, text, `${containers}/${capacity}`, ...shares, load ? `${load.load}` : '-', runtime, heard, apiUrl]
  })
  return table(['ADDRESS', 'STATE', 'SANDBOXES', 'MEMORY', 'DISK', 'LOAD', 'RUNTIME', 'HEARD', 'MANAGER'], rows)
}

export function launchTable(launches: readonly LaunchView[], now: number): string {
  const rows = launches.map(({ id, state, offering, machine, host, reason, step, orderedAt }) => {
    const what = state === 'booting' && step !== '' ? step : reason
    return [id, state, offering, machine ?? '-', host ?? '-', age(orderedAt, now), printable(what)]
  })
  return table(['LAUNCH', 'STATE', 'OFFERING', 'MACHINE', 'HOST', 'AGE', 'WHY'], rows)
}

/** Who waits, why nobody comes, and what was decided last. */
export function fleetLines({ waiting, blocked, last }: FleetView, now: number): string[] {
  const lines: string[] = []
  if (waiting > 0) lines.push(`${waiting} ${waiting === 1 ? 'create waits' : 'creates wait'} for a host`)
  if (blocked !== null) lines.push(`no host comes: ${printable(blocked)}`)
  if (last !== null) lines.push(`${age(last.at, now)} ago: ${printable(last.what)}`)
  return lines
}

/** Shows hosts and machines as they change: over the last picture on a terminal, one after the other in a pipe. */
export async function watchHosts(client: Client, asJson: boolean): Promise<void> {
  let last = ''
  let isAway = false
  for (;;) {
    try {
      const { hosts } = await client.call<{ hosts: HostView[] }>('/v1/hosts')
      const fleet = await client.call<FleetView>('/v1/fleet')
      isAway = false
      const facts = hosts.map(({ lastBeatAt: _, load: __, ...host }) => host)
      const key = JSON.stringify([facts, fleet])
      if (asJson) {
        if (key !== last) print(JSON.stringify({ hosts, fleet }))
      } else if (process.stdout.isTTY) print(`\x1b[H\x1b[2J${picture(hosts, fleet)}`)
      else if (key !== last) print(`${picture(hosts, fleet)}\n`)
      last = key
    } catch (error) {
      // A master that starts again is no reason to stop looking.
      if (!(error instanceof OmegaError) || !['UNREACHABLE', 'TIMEOUT'].includes(error.code) || last === '') throw error
      if (!isAway) say(`${error.message} Looking again until it answers.`)
      isAway = true
    }
    await sleep(EVERY_MS)
  }
}

function picture(hosts: readonly HostView[], fleet: FleetView): string {
  const now = Date.now()
  // One that has joined is among the hosts.
  const moving = fleet.launches.filter(({ state }) => state !== 'joined')
  const parts = [hosts.length > 0 ? hostTable(hosts, now) : 'No host has joined.']
  if (moving.length > 0) parts.push(launchTable(moving, now))
  const lines = fleetLines(fleet, now)
  if (lines.length > 0) parts.push(lines.join('\n'))
  return parts.join('\n\n')
}
