import { type Static, Type } from 'typebox'

/**
 * Glossary
 *
 * sandbox    what a person asked for: a container of their own with a URL. Its id never changes.
 * subdomain  the DNS label it answers to, random, never used twice.
 * name       what people call it; can be used wherever an id can.
 * host       a machine with a Docker Engine and one manager.
 * slot       room for one sandbox on a host; a host has `capacity` of them.
 * template   what a sandbox starts from: an image, a start command, a port.
 */

/** The states of a sandbox that is there: it holds its slot, name, port and record in each of them. */
export const LivingState = Type.Union([Type.Literal('running'), Type.Literal('asleep'), Type.Literal('stopped')])
export type LivingState = Static<typeof LivingState>

/**
 * placing   a slot is reserved, the container is being made
 * running   the container answers, the record is published
 * asleep    frozen: its processes are paused and go on in milliseconds when somebody comes
 * stopped   its files are kept, nothing runs
 * deleting  being taken apart; a step may be repeated until it is gone
 */
export const SandboxState = Type.Union([Type.Literal('placing'), ...LivingState.anyOf, Type.Literal('deleting')])
export type SandboxState = Static<typeof SandboxState>

export function isLiving(state: SandboxState): state is LivingState {
  return state !== 'placing' && state !== 'deleting'
}

/** A sandbox as the store keeps it. Times are milliseconds since the epoch. */
export const Sandbox = Type.Object({
  id: Type.String(),
  name: Type.String(),
  subdomain: Type.String(),
  template: Type.String(),
  state: SandboxState,
  /** Address of its host, the member of the sorted set. */
  host: Type.String(),
  /** Host port, 0 while placing. */
  port: Type.Integer(),
  createdAt: Type.Integer(),
  /** When it was last changed by a step of its life. */
  updatedAt: Type.Integer(),
  /** End of its life, 0 for never. */
  expiresAt: Type.Integer(),
})
export type Sandbox = Static<typeof Sandbox>

/** What is known of a sandbox before it has a place. */
export type NewSandbox = Pick<Sandbox, 'id' | 'name' | 'subdomain' | 'template' | 'expiresAt'>
