import type { Rest } from '../../../core/wire/activity.ts'

/**
 * connecting  a socket is being opened, or the worker has not said yet which session it goes on with
 * connected   requests are answered; `latency` in milliseconds once a ping came back
 * waiting     the next try is at `retryAt` (of the clock)
 * signed-out  the worker does not know this browser any more; only a new sign-in helps
 * ended       the link by which this browser came has ended; nothing is tried any more
 * asleep      the sandbox sleeps, or was stopped, and a person must want it: `wake`. Until that has succeeded, `waking`
 *             says what it wakes from
 */
export type ConnectionState =
  | { name: 'connecting'; attempt: number; waking?: Rest }
  | { name: 'connected'; latency?: number }
  | { name: 'waiting'; attempt: number; retryAt: number; waking?: Rest }
  | { name: 'signed-out' }
  | { name: 'ended'; why?: 'revoked' | 'over' }
  | { name: 'asleep'; rest: Rest }
