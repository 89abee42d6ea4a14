import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { connectRedis } from '../../src/drivers/redis/connection.ts'
import { RedisFleetStore } from '../../src/drivers/redis/fleet-store.ts'
import { RedisLaunchStore } from '../../src/drivers/redis/launch-store.ts'
import { newHost, newSandbox } from '../support/fleet-store-conformance.ts'
import { newLaunch } from '../support/launch-store-conformance.ts'
import { RedisServers } from '../support/redis-fleet.ts'

/** Redis that is more than one server. */
const log = pino({ level: 'silent' })
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function open(url: string) {
  const stores = [0, 1].map(() => new RedisFleetStore(connectRedis(url, log), 'several'))
  for (const store of stores) closing.push(() => store.close())
  return stores as [RedisFleetStore, RedisFleetStore]
}

it('Sentinels: a master that freezes is left within seconds, and no slot is given twice meanwhile', async () => {
  const { servers, url, master } = await RedisServers.withSentinels()
  closing.push(() => servers.close())
  const stores = open(url)
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) await stores[0].register(newHost(address, 20))
  const placed = new Set<string>()
  let isOver = false
  const work = stores.map(async (store, worker) => {
    for (let number = 0; !isOver; number++) {
      const id = `${worker}x${number}`
      // An answer that did not come may have been one: the same id again gets the same place.
      for (;;) {
        const answer = await store.place(newSandbox(id)).catch(() => undefined)
        if (answer?.outcome === 'placed') placed.add(`sb_${id}`)
        if (answer || isOver) break
        await delay(50)
      }
      await delay(40)
    }
  })
  await delay(700)
  const before = placed.size
  expect(before).toBeGreaterThan(5)
  // Frozen, not ended: its connections stay open and say nothing. Sentinels that got no time themselves wait for 30 s.
  servers.signal(master, 'SIGSTOP')
  await expect.poll(() => placed.size, { timeout: 90_000 }).toBeGreaterThan(before + 5)
  servers.signal(master, 'SIGCONT')
  await delay(2_500)
  isOver = true
  await Promise.all(work)
  const [list, hosts] = [await stores[0].list(), await stores[1].listHosts()]
  for (const { address, containers } of hosts) {
    expect(containers).toBe(list.filter(({ host }) => host === address).length)
    expect(containers).toBeLessThanOrEqual(20)
  }
  expect(list.length).toBeGreaterThan(before)
}, 150_000)

it('a Cluster: a fleet is in one slot of it', async () => {
  const { servers, url } = await RedisServers.asCluster()
  closing.push(() => servers.close())
  const [store, second] = open(url)
  await expect
    .poll(
      () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true)
  await store.register(newHost('10.0.0.1', 2))
  expect(await store.place(newSandbox('a'))).toMatchObject({ outcome: 'placed' })
  expect(await second.confirm('sb_a', 20_001)).toBe(true)
  expect((await second.list()).map(({ id, port }) => [id, port])).toEqual([['sb_a', 20_001]])
  await store.record('sb_a', 'placed', {})
  expect((await second.feed('0', 10)).events).toHaveLength(1)
  const launches = new RedisLaunchStore(connectRedis(url, log), 'several')
  closing.push(() => launches.close())
  expect(await launches.order(newLaunch('ln_a'), { maxHosts: 1, maxPerHour: 1 }, 1)).toEqual({ outcome: 'ordered' })
  expect(await launches.wait('x')).toBe(0)
}, 90_000)
