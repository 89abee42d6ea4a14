import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../../src/core/errors.ts'
import { FeedLog } from '../../../src/core/fleet-feed.ts'
import type { FleetStore } from '../../../src/core/fleet-store.ts'
import type { FeedEventView, FeedPageView } from '../../../src/core/wire/events.ts'
import { readEvents } from '../../../src/drivers/event-stream.ts'
import { createWebApp } from '../../../src/drivers/web-app.ts'
import { registerEventRoutes } from '../../../src/roles/master/event-routes.ts'
import { FeedWatch } from '../../../src/roles/master/feed-watch.ts'
import { startCountingManager } from '../../support/counting-manager.ts'
import { API_TOKEN, startTestMaster } from '../../support/master.ts'

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

/** The events of a stream, as they come. */
function follow(url: string, headers: Record<string, string> = {}) {
  const seen: { event: string; data: FeedEventView }[] = []
  const ended = new AbortController()
  const done = (async () => {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${API_TOKEN}`, ...headers },
      signal: ended.signal,
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    for await (const { event, data } of readEvents(response)) seen.push({ event, data: data as FeedEventView })
  })().catch((error) => {
    if (!ended.signal.aborted) throw error
  })
  const stop = async () => {
    ended.abort()
    await done
  }
  open.push({ close: stop })
  return { seen, stop }
}

async function fleet() {
  const manager = await startCountingManager()
  const master = await startTestMaster()
  open.push(manager, master)
  await master.join('127.0.0.2', manager.apiUrl, 100)
  const create = async (name: string) => {
    const { body } = await master.api('/v1/sandboxes', { method: 'POST', body: JSON.stringify({ name }) })
    return (body as Record<string, string>).id ?? ''
  }
  const page = async (query: string) => {
    const { status, body } = await master.api(`/v1/events${query}`, { headers: { accept: 'application/json' } })
    expect(status).toBe(200)
    return body as unknown as FeedPageView
  }
  return { master, create, page, url: `${master.url}/v1/events` }
}

const lines = (events: FeedEventView[]) => events.map(({ name, event }) => `${name} ${event}`)
const lifeOf = (name: string) => ['placed', 'container', 'running'].map((event) => `${name} ${event}`)

describe('GET /v1/events', () => {
  it('tells what happens from now on, to all sandboxes', async () => {
    const { create, master, url } = await fleet()
    await create('before')
    const { seen } = follow(url)
    // The stream begins where the feed ends when it is asked for.
    await new Promise((resolve) => setTimeout(resolve, 300))
    const id = await create('one')
    await master.api('/v1/sandboxes/one', { method: 'DELETE' })
    await expect
      .poll(() => lines(seen.map(({ data }) => data)))
      .toEqual([...lifeOf('one'), 'one deleting', 'one deleted'])
    expect(seen[0]).toMatchObject({
      event: 'message',
      data: { sandbox: id, event: 'placed', data: { host: '127.0.0.2', containers: 2, capacity: 100 } },
    })
    expect(new Date(seen[0]?.data.at ?? '').toISOString()).toBe(seen[0]?.data.at)
  })

  it('goes on after Last-Event-ID, without a gap or a repeat', async () => {
    const { create, url } = await fleet()
    const first = follow(`${url}?after=0`)
    await create('one')
    await expect.poll(() => first.seen.length).toBe(3)
    await first.stop()
    await create('two')
    const id = first.seen[1]?.data.id ?? ''
    const { seen } = follow(url, { 'last-event-id': id })
    await create('three')
    await expect
      .poll(() => lines(seen.map(({ data }) => data)))
      .toEqual(['one running', ...lifeOf('two'), ...lifeOf('three')])
  })

  it('tells of one sandbox only, by name, and by id after it is gone', async () => {
    const { create, master, url, page } = await fleet()
    const id = await create('one')
    await create('two')
    const { seen } = follow(`${url}?sandbox=one&after=0`)
    await master.api('/v1/sandboxes/two', { method: 'DELETE' })
    await master.api('/v1/sandboxes/one', { method: 'DELETE' })
    const life = [...lifeOf('one'), 'one deleting', 'one deleted']
    await expect.poll(() => lines(seen.map(({ data }) => data))).toEqual(life)
    expect(lines((await page(`?sandbox=${id}`)).events)).toEqual(life)
    const { status, body } = await master.api('/v1/events?sandbox=one')
    expect([status, body]).toMatchObject([404, { code: 'SANDBOX_NOT_FOUND' }])
  })

  it('gives pages of JSON when asked', async () => {
    const { create, page } = await fleet()
    for (const name of ['one', 'two', 'three']) await create(name)
    const all = [...lifeOf('one'), ...lifeOf('two'), ...lifeOf('three')]
    const whole = await page('')
    expect([lines(whole.events), whole.more, whole.missed]).toEqual([all, false, false])
    const found: string[] = []
    for (let after = '0', more = true; more; ) {
      const next = await page(`?limit=4&after=${after}`)
      expect(next.events.length).toBeLessThanOrEqual(4)
      found.push(...lines(next.events))
      after = next.after
      more = next.more
    }
    expect(found).toEqual(all)
    expect(lines((await page(`?sandbox=two&limit=2`)).events)).toEqual(['two placed', 'two container'])
  })

  it.each([
    ['?after=yesterday', {}],
    ['?limit=0', {}],
    ['?what=ever', {}],
    ['', { 'last-event-id': '1-2-3' }],
  ])('refuses %s %o', async (query, headers) => {
    const { master } = await fleet()
    const { status, body } = await master.api(`/v1/events${query}`, { headers })
    expect([status, body]).toMatchObject([400, { code: 'INVALID_REQUEST' }])
  })

  it('is for operators', async () => {
    const { url } = await fleet()
    expect((await fetch(url)).status).toBe(401)
  })
})

describe('a stream of events', () => {
  async function small() {
    const log = new FeedLog()
    const state = { log, away: false, asked: 0 }
    const answered = async <T>(value: () => T) => {
      state.asked++
      if (state.away) throw new OmegaError('STORE_UNAVAILABLE', 'away')
      return value()
    }
    const store = {
      feed: (after: string, limit: number) => answered(() => log.after(after, limit)),
      feedEnd: () => answered(() => log.end),
    } as Pick<FleetStore, 'feed' | 'feedEnd'> as FleetStore
    const app = createWebApp({ log: pino({ level: 'silent' }), ready: async () => {} })
    const lifecycle = { find: () => Promise.reject(new Error('not asked for')) }
    registerEventRoutes(app, { store, lifecycle, feedWatch: new FeedWatch(store) })
    await app.listen({ host: '127.0.0.1', port: 0 })
    open.push(app)
    const { port } = app.server.address() as { port: number }
    const add = (event: string) =>
      log.append(Date.now(), { id: 'sb_a', name: 'a' }, { at: Date.now(), event, data: {} })
    return { state, add, url: `http://127.0.0.1:${port}/v1/events` }
  }

  it('says so when events were cut off', async () => {
    const { add, url } = await small()
    add('kept')
    const { seen } = follow(`${url}?after=1-0`)
    await expect.poll(() => seen.length).toBe(2)
    expect(seen).toMatchObject([
      { event: 'gap', data: { after: '1-0' } },
      { event: 'message', data: { event: 'kept' } },
    ])
  })

  it('goes on when the store comes back', async () => {
    const { state, add, url } = await small()
    add('one')
    const { seen } = follow(`${url}?after=0`)
    await expect.poll(() => seen.length).toBe(1)
    state.away = true
    add('two')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(seen.length).toBe(1)
    state.away = false
    await expect.poll(() => seen.map(({ data }) => data.event)).toEqual(['one', 'two'])
    state.away = true
    expect((await fetch(url)).status).toBe(503)
  })

  it('asks the store for nothing when nobody follows any more', async () => {
    const { state, url } = await small()
    const followers = [follow(url), follow(url)]
    await expect.poll(() => state.asked).toBeGreaterThan(5)
    for (const { stop } of followers) await stop()
    await new Promise((resolve) => setTimeout(resolve, 500))
    const { asked } = state
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(state.asked).toBe(asked)
  })
})
