import { describe, expect, it } from 'vitest'
import {
  afterAttempt,
  GIVE_UP_AFTER_MS,
  retryDelay,
  type WebhookProgress,
  webhookMessage,
} from '../../src/core/webhook.ts'

describe('webhooks', () => {
  it('send an event as Standard Webhooks wants it, with the sandbox it is of', () => {
    const data = { cause: 'a visit', sandbox: 'not this' }
    const event = {
      id: '1700000000000-2',
      at: 1_700_000_000_000,
      sandboxId: 'sb_a',
      name: 'my-app',
      event: 'awake',
      data,
    }
    const { id, body } = webhookMessage(event)
    expect(id).toBe('evt_1700000000000-2')
    expect(JSON.parse(body)).toStrictEqual({
      type: 'sandbox.awake',
      timestamp: '2023-11-14T22:13:20.000Z',
      data: { cause: 'a visit', sandbox: { id: 'sb_a', name: 'my-app' } },
    })
  })

  it('are retried after growing times of 5 s to 4 h, spread over the upper half', () => {
    const most = [1, 2, 3, 4, 5, 6, 7, 8, 9, 99].map((attempts) => retryDelay(attempts, 1) / 1000)
    expect(most).toEqual([5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 14_400, 14_400])
    const least = [1, 2, 99].map((attempts) => retryDelay(attempts, 0) / 1000)
    expect(least).toEqual([2.5, 7.5, 7_200])
  })

  it('go on when an event was delivered, and remember why when not', () => {
    const start: WebhookProgress = { after: '1-0' }
    const failed = { outcome: 'failed', reason: 'it answered 500' } as const
    const once = afterAttempt(start, '2-0', failed, 1_000, 1)
    expect(once).toEqual({
      progress: { after: '1-0', failing: { attempts: 1, since: 1_000, nextAt: 6_000, reason: 'it answered 500' } },
      givenUp: false,
    })
    const twice = afterAttempt(once.progress, '2-0', { ...failed, reason: 'ECONNREFUSED' }, 7_000, 1)
    expect(twice.progress.failing).toEqual({ attempts: 2, since: 1_000, nextAt: 22_000, reason: 'ECONNREFUSED' })
    expect(afterAttempt(twice.progress, '2-0', { outcome: 'delivered' }, 22_000, 1)).toEqual({
      progress: { after: '2-0' },
      givenUp: false,
    })
  })

  it('wait as long as the receiver asks for, within reason', () => {
    const nextAt = (retryAfterMs: number) => {
      const result = { outcome: 'failed', reason: 'it answered 503', retryAfterMs } as const
      return afterAttempt({ after: '1-0' }, '2-0', result, 0, 1).progress.failing?.nextAt
    }
    expect([0, 90_000, 1e15].map(nextAt)).toEqual([5_000, 90_000, 14_400_000])
  })

  it('give an event up that was refused for a day, and begin afresh with the next', () => {
    const result = { outcome: 'failed', reason: 'it answered 400' } as const
    const failing = { attempts: 12, since: 1_000, nextAt: 0, reason: '' }
    const before = { after: '1-0', failing }
    expect(afterAttempt(before, '2-0', result, GIVE_UP_AFTER_MS + 999, 1).givenUp).toBe(false)
    expect(afterAttempt(before, '2-0', result, GIVE_UP_AFTER_MS + 1_000, 1)).toEqual({
      progress: { after: '2-0' },
      givenUp: true,
    })
  })

  it('stop at 410', () => {
    expect(afterAttempt({ after: '1-0' }, '2-0', { outcome: 'gone' }, 5, 1).progress).toEqual({
      after: '1-0',
      disabledAt: 5,
    })
  })
})
