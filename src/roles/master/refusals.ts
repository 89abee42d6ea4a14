import { OmegaError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { pressureText } from '../../core/host-pressure.ts'
import { quote } from '../../core/names.ts'

/** The sentences of what a fleet cannot do: what was found, what is allowed, what to do. */

export function nameTaken(name: string): OmegaError {
  return new OmegaError('NAME_TAKEN', `The name ${quote(name)} is taken. Choose another one.`)
}

export function quotaExceeded(sandboxes: number, allowed: number | undefined): OmegaError {
  return new OmegaError(
    'QUOTA_EXCEEDED',
    `The fleet has ${sandboxes} sandboxes; ${allowed} are allowed. Delete one, or ask the operator to raise --max-sandboxes.`,
  )
}

/** `why` there will be no more hosts, where the fleet gets them by itself. */
export function noCapacity(hosts: readonly Host[], why?: string): OmegaError {
  const because = why === undefined ? '' : ` No host comes: ${why.replace(/\.$/, '')}.`
  if (hosts.length === 0 && why !== undefined) {
    return new OmegaError('NO_CAPACITY', `no capacity: the fleet has no host.${because} Ask its operator.`)
  }
  if (hosts.length === 0) {
    return new OmegaError(
      'NO_CAPACITY',
      'no capacity: no host has joined this fleet. Start one with `omega serve --role=manager`.',
    )
  }
  const fill = hosts.map(({ address, containers, capacity, state, load }) => {
    const why = load?.pressure && state === 'pressured' ? `short of ${pressureText[load.pressure]}` : state
    return `${address} ${containers}/${capacity}${state === 'ready' ? '' : ` ${why}`}`
  })
  return new OmegaError(
    'NO_CAPACITY',
    `no capacity: all ${hosts.length} hosts are full or take none (${fill.slice(0, 10).join(', ')}${fill.length > 10 ? ', ...' : ''}).${because} Delete a sandbox or add a host.`,
  )
}

/** For what must be on one host, that of another sandbox. */
export function noRoomBeside(name: string, address: string, host: Host | undefined): OmegaError {
  const found = host ? `${host.state}, ${host.containers} of ${host.capacity} sandboxes` : 'not registered'
  return new OmegaError(
    'HOST_FULL',
    `A fork is made on the host of its source: ${address}, which may not take one more (${found}). Delete a sandbox there, or create ${quote(name)} anew.`,
  )
}
