import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../../src/core/errors.ts'
import { FleetState } from '../../../src/core/fleet-state.ts'
import type { WebhookOutcome } from '../../../src/core/webhook.ts'
import type { WebhookList } from '../../../src/core/wire/webhooks.ts'
import { webhookTargets } from '../../../src/drivers/webhook-sender.ts'
import { FeedWatch } from '../../../src/roles/master/feed-watch.ts'
import { WebhookDelivery, type WebhookStore } from '../../../src/roles/master/webhook-delivery.ts'
import { startCountingManager } from '../../support/counting-manager.ts'
import { startTestMaster } from '../../support/master.ts'
import { startRedis } from '../../support/redis.ts'

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

const [target = { id: '', url: '', shown: '' }] = webhookTargets('http://receiver.example/hook')

/** A fleet's store in memory, masters that deliver from it, and time that passes as fast as they wait. */
function rig() {
  const world = {
    now: 1_000_000,
    state: new FleetState(),
    /** Masters that do not reach the store. */
    away: new Set<string>(),
    /** What the receiver got: event and attempt. */
    received: [] as string[],
    answer: (_event: string): WebhookOutcome => ({ outcome: 'delivered' }),
    observed: [] as string[],
    record: (event: string) => world.state.record(world.now, 'sb_a', event, {}),
    progress: () => JSON.parse(world.state.bookmark(`webhook/${target.id}`) ?? 'null'),
    master,
  }
  const storeOf = (master: string): WebhookStore => {
    const asked = async <T>(value: () => T): Promise<T> => {
      if (world.away.has(master)) throw new OmegaError('STORE_UNAVAILABLE', 'away')
      return value()
    }
    return {
      feed: (after, limit) => asked(() => world.state.feed(after, limit)),
      feedEnd: () => asked(() => world.state.feedEnd()),
      bookmark: (name) => asked(() => world.state.bookmark(name)),
      setBookmark: (name, text) => asked(() => world.state.setBookmark(world.now, name, text)),
      lease: (name, holder, ttlMs) => asked(() => world.state.lease(world.now, name, holder, ttlMs)),
      endLease: (name, holder) => asked(() => world.state.endLease(world.now, name, holder)),
    }
  }
  function master(holder: string) {
    const store = storeOf(holder)
    const delivery = new WebhookDelivery(target, {
      store,
      feedWatch: new FeedWatch(store),
      send: async (url, { body }) => {
        expect(url).toBe(target.url)
        const event = JSON.parse(body).type.replace('sandbox.', '')
        world.received.push(`${holder} ${event}`)
        return world.answer(event)
      },
      observe: (outcome) => world.observed.push(outcome),
      log: pino({ level: 'silent' }),
      now: () => world.now,
      random: () => 1,
      holder,
      pause: async (ms, signal) => {
        if (signal.aborted) return
        const end = world.now + ms
        await new Promise((resolve) => setTimeout(resolve, 2))
        world.now = Math.max(world.now, end)
      },
    })
    delivery.start()
    open.push({ close: () => delivery.stop() })
    return delivery
  }
  return world
}

describe('WebhookDelivery', () => {
  it('delivers what happens from its first start on, in order, and goes on there after a stop', async () => {
    const world = rig()
    world.record('before')
    const first = world.master('m1')
    await expect.poll(world.progress).toEqual({ after: '1000000-0' })
    for (const event of ['one', 'two', 'three']) world.record(event)
    await expect.poll(() => world.received).toEqual(['m1 one', 'm1 two', 'm1 three'])
    await first.stop()
    world.record('meanwhile')
    world.master('m2')
    await expect.poll(() => world.received.slice(3)).toEqual(['m2 meanwhile'])
  })

  it('repeats an event until it is taken, later and later, and keeps the others behind it', async () => {
    const world = rig()
    world.master('m1')
    await expect.poll(world.progress).not.toBeNull()
    const times: number[] = []
    world.answer = (event) => {
      if (event !== 'one') return { outcome: 'delivered' }
      times.push(world.now)
      return times.length < 6 ? { outcome: 'failed', reason: 'it answered 500' } : { outcome: 'delivered' }
    }
    for (const event of ['one', 'two']) world.record(event)
    await expect.poll(() => world.received.at(-1)).toBe('m1 two')
    expect(world.received).toEqual([...Array(6).fill('m1 one'), 'm1 two'])
    const waits = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1000)
    for (const [index, most] of [5, 15, 45, 135, 405].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(most)
      // Other waits let the rig's time pass as well.
      expect(waits[index]).toBeLessThan(most * 3 + 60)
    }
    expect(world.observed).toEqual([...Array(5).fill('failed'), 'delivered', 'delivered'])
  })

  it('gives an event up after a day of refusals', async () => {
    const world = rig()
    world.master('m1')
    await expect.poll(world.progress).not.toBeNull()
    world.answer = (event) =>
      event === 'bad' ? { outcome: 'failed', reason: 'it answered 400' } : { outcome: 'delivered' }
    const began = world.now
    for (const event of ['bad', 'good']) world.record(event)
    // A day in waits of two seconds would be long even so.
    const hurry = setInterval(() => {
      world.now += 600_000
    }, 1)
    await expect.poll(() => world.received.at(-1)).toBe('m1 good')
    clearInterval(hurry)
    expect(world.now - began).toBeGreaterThanOrEqual(86_400_000)
    expect(world.observed.slice(-2)).toEqual(['given_up', 'delivered'])
  })

  it('stops at 410 until somebody enables it, and goes on where it was', async () => {
    const world = rig()
    world.master('m1')
    await expect.poll(world.progress).not.toBeNull()
    world.answer = () => ({ outcome: 'gone' })
    world.record('one')
    await expect.poll(world.progress).toMatchObject({ disabledAt: expect.any(Number) })
    world.record('two')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(world.received).toEqual(['m1 one'])
    world.answer = () => ({ outcome: 'delivered' })
    const { after } = world.progress()
    world.state.setBookmark(world.now, `webhook/${target.id}`, JSON.stringify({ after }))
    await expect.poll(() => world.received).toEqual(['m1 one', 'm1 one', 'm1 two'])
  })

  it('is done by one master at a time; another goes on when that one stops or is cut off', async () => {
    const world = rig()
    const first = world.master('m1')
    await expect.poll(world.progress).not.toBeNull()
    const second = world.master('m2')
    for (let index = 0; index < 10; index++) {
      world.record(`event-${index}`)
      await expect.poll(() => world.received.length).toBe(index + 1)
    }
    expect(new Set(world.received.map((line) => line.split(' ')[0]))).toEqual(new Set(['m1']))
    await first.stop()
    world.record('last')
    await expect.poll(() => world.received.at(-1)).toBe('m2 last')
    world.master('m3')
    world.away.add('m2')
    world.record('very last')
    await expect.poll(() => world.received.at(-1)).toBe('m3 very last')
    world.away.delete('m2')
    world.record('end')
    await expect.poll(() => world.received.at(-1)).toBe('m3 end')
    expect(world.received.length).toBe(13)
    await second.stop()
  })

  it('loses nothing while the store is away, nor when it was emptied', async () => {
    const world = rig()
    world.master('m1')
    await expect.poll(world.progress).not.toBeNull()
    world.record('one')
    await expect.poll(() => world.received).toEqual(['m1 one'])
    world.away.add('m1')
    world.record('two')
    await new Promise((resolve) => setTimeout(resolve, 50))
    world.away.delete('m1')
    await expect.poll(() => world.received).toEqual(['m1 one', 'm1 two'])
    world.now += 1_000
    world.state = new FleetState()
    world.record('three')
    await expect.poll(() => world.received).toEqual(['m1 one', 'm1 two', 'm1 three'])
  })
})

describe('two masters of one fleet', () => {
  it('send each event once, in order, and one goes on where the other was closed', async () => {
    const types: string[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      const { type, data } = JSON.parse(body)
      types.push(`${data.sandbox.name} ${type}`)
      response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push({ close: async () => server.close().closeAllConnections() })
    const redis = await startRedis()
    const manager = await startCountingManager()
    open.push(redis, manager)
    const webhooks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const masters = [
      await startTestMaster({ redis: redis.url, webhooks }),
      await startTestMaster({ redis: redis.url, webhooks }),
    ] as const
    open.push(...masters)
    await masters[0].join('127.0.0.2', manager.apiUrl, 100)
    const life = (name: string) => ['placed', 'container', 'running'].map((event) => `${name} sandbox.${event}`)
    const create = (index: 0 | 1, name: string) =>
      masters[index].api('/v1/sandboxes', { method: 'POST', body: JSON.stringify({ name }) })
    const list = async () => ((await masters[0].api('/v1/webhooks')).body as unknown as WebhookList).webhooks
    await expect.poll(async () => (await list())[0]?.state).toBe('delivering')
    await create(1, 'one')
    await create(0, 'two')
    await expect.poll(() => types).toEqual([...life('one'), ...life('two')])
    await masters[0].close()
    await create(1, 'three')
    await expect.poll(() => types.slice(6)).toEqual(life('three'))
  })
})

describe('a master with a webhook', () => {
  it('tells it of a sandbox, and how that goes', async () => {
    const bodies: { type: string; data: { sandbox: object } }[] = []
    let status = 204
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      if (status < 300) bodies.push(JSON.parse(body))
      response.writeHead(status).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push({ close: async () => server.close().closeAllConnections() })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=secret`
    const manager = await startCountingManager()
    const master = await startTestMaster({ webhooks: url })
    open.push(manager, master)
    await master.join('127.0.0.2', manager.apiUrl, 100)
    const list = async () => ((await master.api('/v1/webhooks')).body as unknown as WebhookList).webhooks
    const create = (name: string) => master.api('/v1/sandboxes', { method: 'POST', body: JSON.stringify({ name }) })
    await expect.poll(async () => (await list())[0]?.state).toBe('delivering')
    const { id } = (await create('one')).body as Record<string, string>
    await expect
      .poll(() => bodies.map(({ type }) => type))
      .toEqual(['sandbox.placed', 'sandbox.container', 'sandbox.running'])
    expect(bodies[0]?.data).toMatchObject({ host: '127.0.0.2', sandbox: { id, name: 'one' } })
    status = 500
    await create('two')
    await expect
      .poll(list)
      .toMatchObject([{ url: url.split('?')[0], state: 'failing', waiting: 3, attempts: 1, reason: 'it answered 500' }])
    status = 410
    const [{ id: hook } = { id: '' }] = await list()
    await master.api(`/v1/webhooks/${hook}/enable`, { method: 'POST' })
    await expect.poll(list).toMatchObject([{ state: 'disabled', waiting: 3 }])
    status = 204
    await master.api(`/v1/webhooks/${hook}/enable`, { method: 'POST' })
    await expect.poll(list).toMatchObject([{ state: 'delivering', waiting: 0, attempts: 0 }])
    expect(bodies.length).toBe(6)
    expect((await master.api('/v1/webhooks/nothing/enable', { method: 'POST' })).status).toBe(404)
    expect((await master.api('/metrics')).body).toContain('omega_webhook_attempts_total{outcome="delivered"} 6')
  })
})
