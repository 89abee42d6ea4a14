import type { ContainerRequest, ContainerStatus } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'

/** A sandbox that has no container yet. */
export function startingStatus({
  sandboxId,
  subdomain,
  name,
  template,
  expiresAt = 0,
}: ContainerRequest): ContainerStatus {
  return { sandboxId, subdomain, name, template, state: 'starting', port: 0, createdAt: 0, expiresAt, hasToken: true }
}

/** There is none of this id. */
export function notHere(sandboxId: string): OmegaError {
  return new OmegaError('SANDBOX_NOT_FOUND', `No container of ${sandboxId} is on this host.`)
}

/** It ended by itself a moment ago. */
export function startsSoon(): OmegaError {
  return new OmegaError(
    'NOT_READY',
    'The sandbox has ended by itself and is started again soon. Try again in a moment.',
  )
}

/** It is being moved. */
export function leaves(): OmegaError {
  return new OmegaError('NOT_READY', 'The sandbox is on its way to another host. Try again in a moment.')
}

/** What is under way when the manager ends, and all that is asked then. */
export function stopping(): OmegaError {
  return new OmegaError('NOT_READY', 'This manager is being stopped. Try again, or place it on another host.')
}
