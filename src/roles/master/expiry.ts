import { OmegaError } from '../../core/errors.ts'
import { quote } from '../../core/names.ts'
import type { UpdateSandbox } from '../../core/wire/http.ts'

type End = { [Field in 'ttl' | 'expiresAt']: UpdateSandbox[Field] | undefined }

/**
 * When a sandbox ends by what a request says, milliseconds since the epoch, 0 for never; undefined when it says nothing of
 * it. Throws INVALID_REQUEST for a time that is over, or both fields at once.
 */
export function expiryOf({ ttl, expiresAt }: End, now: number): number | undefined {
  if (ttl !== undefined && expiresAt !== undefined) {
    throw new OmegaError('INVALID_REQUEST', 'Both `ttl` and `expiresAt` are given. Give one of them.')
  }
  if (ttl === null || expiresAt === null) return 0
  if (ttl !== undefined) return now + ttl * 1000
  if (expiresAt === undefined) return undefined
  const ends = Date.parse(expiresAt)
  if (ends > now) return ends
  throw new OmegaError(
    'INVALID_REQUEST',
    `\`expiresAt\` is ${quote(expiresAt)}, which is over. Give a time to come, or delete the sandbox.`,
    { pointer: '/expiresAt' },
  )
}
