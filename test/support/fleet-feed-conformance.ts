import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compareFeedIds, FEED_KEPT, FEED_KEPT_AT_MOST, type FeedEvent } from '../../src/core/fleet-feed.ts'
import { newHost, newSandbox, type StoreRig } from './fleet-store-conformance.ts'

/** The cases of FleetFeed: the same for every implementation. */
export function fleetFeedConformance(name: string, openRig: () => Promise<StoreRig>): void {
  describe(`${name} as FleetFeed`, () => {
    let rig: StoreRig
    beforeEach(async () => {
      rig = await openRig()
      await rig.store.register(newHost('10.0.0.1', 9))
    })
    afterEach(() => rig.close())

    const shown = (events: FeedEvent[]) => events.map(({ sandboxId, name, event }) => `${sandboxId} ${name} ${event}`)

    it('has the lines of all sandboxes in one order, with their names, data and times', async () => {
      const { store } = rig
      await store.record('sb_a', 'requested', {})
      await store.place(newSandbox('a', { name: 'a b {c' }))
      await store.place(newSandbox('b'))
      await store.record('sb_a', 'placed', { host: '10.0.0.1', nested: { list: [1, null, '\u00fc {'] } })
      await store.record('sb_b', 'placed', { n: 1 })
      await store.remove('sb_a')
      await rig.second.record('sb_a', 'late', {})
      const { events, missed } = await store.feed('0', 100)
      expect(shown(events)).toEqual(['sb_a  requested', 'sb_a a b {c placed', 'sb_b name-b placed', 'sb_a  late'])
      expect(missed).toBe(false)
      expect(events[1]?.data).toStrictEqual({ host: '10.0.0.1', nested: { list: [1, null, '\u00fc {'] } })
      const story = await store.events('sb_b')
      expect(events.filter(({ sandboxId }) => sandboxId === 'sb_b').map(({ at }) => at)).toEqual(
        story.map(({ at }) => at),
      )
      expect(Math.abs((events[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000)
    })

    it('gives ids that grow, and goes on after any of them', async () => {
      const { store } = rig
      expect([await store.feedEnd(), await store.feed('0', 10)]).toEqual(['0', { events: [], missed: false }])
      await Promise.all(Array.from({ length: 50 }, (_, index) => store.record('sb_a', `event-${index}`, {})))
      const { events } = await store.feed('0', 100)
      const ids = events.map(({ id }) => id)
      expect(ids.length).toBe(50)
      for (const [index, id] of ids.entries()) {
        expect(id).toMatch(/^\d+-\d+$/)
        if (index > 0) expect(compareFeedIds(ids[index - 1] ?? '', id)).toBeLessThan(0)
      }
      expect(await store.feedEnd()).toBe(ids.at(-1))
      expect((await rig.second.feed(ids[29] ?? '', 100)).events).toEqual(events.slice(30))
      expect((await store.feed(ids[29] ?? '', 7)).events).toEqual(events.slice(30, 37))
      expect(await store.feed(ids[49] ?? '', 7)).toEqual({ events: [], missed: false })
      // A time is an id as well.
      expect((await store.feed(String(Date.now() - 600_000), 3)).events).toEqual(events.slice(0, 3))
      expect((await store.feed(String(Date.now() + 600_000), 3)).events).toEqual([])
    })

    it('keeps the newest ones, and says when some were missed', { timeout: 120_000 }, async () => {
      const { store } = rig
      await store.record('sb_a', 'first', {})
      const first = await store.feedEnd()
      const count = FEED_KEPT_AT_MOST + 300
      for (let from = 0; from < count; from += 500) {
        const some = Array.from({ length: Math.min(500, count - from) }, (_, index) => from + index)
        await Promise.all(some.map((index) => store.record(`sb_${index % 60}`, `event-${index}`, {})))
      }
      const { events, missed } = await store.feed(first, 100_000)
      expect(missed).toBe(true)
      expect(events.length).toBeGreaterThanOrEqual(FEED_KEPT)
      expect(events.length).toBeLessThanOrEqual(FEED_KEPT_AT_MOST)
      expect(events.map(({ event }) => event)).toEqual(
        Array.from({ length: events.length }, (_, index) => `event-${count - events.length + index}`),
      )
      expect((await store.feed('0', 1)).missed).toBe(false)
      expect((await store.feed(events[0]?.id ?? '', 1)).missed).toBe(false)
    })

    it('keeps bookmarks', async () => {
      const { store } = rig
      expect(await store.bookmark('a')).toBeUndefined()
      await store.setBookmark('a', 'one')
      await store.setBookmark('b', '')
      await rig.second.setBookmark('a', '{"two":"\u00fc"}')
      expect([await store.bookmark('a'), await rig.second.bookmark('b')]).toEqual(['{"two":"\u00fc"}', ''])
    })

    it('goes on as it was after a disturbance', async () => {
      await rig.store.record('sb_a', 'one', { n: 1 })
      await rig.store.record('sb_a', 'two', { n: 2 })
      await rig.store.setBookmark('reader', 'x')
      const before = await rig.store.feed('0', 10)
      expect(before.events.length).toBe(2)
      await rig.disturb()
      expect(await rig.store.feed('0', 10)).toEqual(before)
      expect(await rig.store.bookmark('reader')).toBe('x')
      await rig.store.record('sb_a', 'three', {})
      expect((await rig.store.feed(await rig.store.feedEnd(), 10)).events).toEqual([])
      const after = await rig.store.feed('0', 10)
      expect(after.events.map(({ event }) => event)).toEqual(['one', 'two', 'three'])
      expect(compareFeedIds(after.events[1]?.id ?? '', after.events[2]?.id ?? '')).toBeLessThan(0)
    })
  })
}
