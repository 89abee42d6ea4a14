import { setTimeout as sleep } from 'node:timers/promises'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'

const WAIT_MS = 60_000
const LOOK_EVERY_MS = 100

/**
 * Idempotency keys (draft-ietf-httpapi-idempotency-key-header): the same key and request does the work once and gets
 * the first answer again; a repeat that comes while the first is under way waits for it. A failure frees the key.
 */
export function openOnce(store: FleetStore) {
  return async (key: string | undefined, fingerprint: string, work: () => Promise<string>): Promise<string> => {
    if (key === undefined) return work()
    for (let waited = 0; waited < WAIT_MS; waited += LOOK_EVERY_MS) {
      const begun = await store.beginOnce(key, fingerprint)
      if (begun.outcome === 'done') return begun.answer
      if (begun.outcome === 'mismatch') {
        throw new OmegaError(
          'IDEMPOTENCY_MISMATCH',
          'This Idempotency-Key was used with another request. Take a new key for a new request.',
        )
      }
      if (begun.outcome === 'begun') {
        try {
          const answer = await work()
          await store.finishOnce(key, answer)
          return answer
        } catch (error) {
          await store.abandonOnce(key)
          throw error
        }
      }
      await sleep(LOOK_EVERY_MS)
    }
    throw new OmegaError('CONFLICT', 'The first request with this Idempotency-Key is still under way. Repeat it later.')
  }
}
