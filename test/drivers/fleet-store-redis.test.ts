import { Redis } from 'ioredis'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectRedis } from '../../src/drivers/redis/connection.ts'
import { RedisFleetStore } from '../../src/drivers/redis/fleet-store.ts'
import { fleetFeedConformance } from '../support/fleet-feed-conformance.ts'
import {
  fleetStoreConformance,
  newHost,
  newSandbox,
  placedSandbox,
  type StoreRig,
} from '../support/fleet-store-conformance.ts'
import { fleetStoreModel } from '../support/fleet-store-model.ts'
import { type PrivateRedis, startRedis } from '../support/redis.ts'

const log = pino({ level: 'silent' })
let server: PrivateRedis
let raw: Redis
let fleets = 0

beforeAll(async () => {
  server = await startRedis('--appendfsync', 'no')
  raw = new Redis(server.url)
})
afterAll(async () => {
  raw.disconnect()
  await server.close()
})

/** Each fleet has a name of its own, so the suite also shows that fleets in one Redis do not see each other. */
async function openRig(): Promise<StoreRig & { fleet: string }> {
  const fleet = `fleet-${++fleets}`
  const open = () => new RedisFleetStore(connectRedis(server.url, log), fleet)
  const [store, second] = [open(), open()]
  return {
    fleet,
    store,
    second,
    async look() {
      const [offered, ports] = [
        await raw.zrange(`{${fleet}}:hosts`, 0, -1, 'WITHSCORES'),
        await raw.hgetall(`{${fleet}}:ports`),
      ]
      const counts: Record<string, number> = {}
      for (let index = 0; index < offered.length; index += 2) counts[offered[index] ?? ''] = Number(offered[index + 1])
      return {
        offered: counts,
        ports: Object.fromEntries(Object.entries(ports).map(([subdomain, port]) => [subdomain, Number(port)])),
      }
    },
    async disturb() {
      await raw.script('FLUSH')
    },
    async close() {
      await Promise.all([store.close(), second.close()])
    },
  }
}

fleetStoreConformance('RedisFleetStore', openRig)
fleetStoreModel('RedisFleetStore', openRig)
fleetFeedConformance('RedisFleetStore', openRig)

describe('RedisFleetStore', () => {
  it('leaves only described keys, and no time limit on truth', async () => {
    const { fleet, store, close } = await openRig()
    await store.register(newHost('10.0.0.1', 2))
    await store.record('sb_a', 'requested', {})
    await store.place(newSandbox('a'))
    await store.confirm('sb_a', 20_001)
    await store.beginOnce('any key: {x}', 'print')
    await store.changeSettings('owner', { theme: { value: 'dark', at: 1 } })
    await store.setBookmark('reader', '1-0')
    await store.place(newSandbox('b'))
    await store.remove('sb_b')
    await store.lease('work', 'a', 1_000)
    await store.ping()
    const keys = (await raw.keys(`{${fleet}}:*`)).sort()
    const shown = keys.map((key) => key.slice(fleet.length + 3).replace(/^once:[\w-]{43}$/, 'once:HASH'))
    expect(shown).toEqual([
      ...[
        'bookmarks',
        'events',
        'host:beats',
        'host:records',
        'host:taken',
        'hosts',
        'lease:work',
        'once:HASH',
        'ping',
      ],
      ...['ports', 'sandbox:deleted', 'sandbox:events:sb_a', 'sandbox:names', 'sandbox:records', 'settings:owner'],
    ])
    const limited = []
    for (const [index, key] of keys.entries()) if ((await raw.pttl(key)) !== -1) limited.push(shown[index])
    expect(limited).toEqual(['once:HASH', 'ping'])
    await close()
  })

  it('lets stories and idempotency keys lapse when they should', async () => {
    const { fleet, store, close } = await openRig()
    const ttl = async (key: string) => Math.round((await raw.pttl(`{${fleet}}:${key}`)) / 60_000)
    await store.register(newHost('10.0.0.1', 2))
    await store.record('sb_a', 'requested', {})
    expect(await ttl('sandbox:events:sb_a')).toBe(60)
    await store.place(newSandbox('a'))
    await store.record('sb_a', 'placed', {})
    expect(await raw.pttl(`{${fleet}}:sandbox:events:sb_a`)).toBe(-1)
    await store.remove('sb_a')
    expect(await ttl('sandbox:events:sb_a')).toBe(60)
    await store.beginOnce('key', 'print')
    const once = `once:${(await raw.keys(`{${fleet}}:once:*`))[0]?.split(':')[2]}`
    expect(await ttl(once)).toBe(10)
    await store.finishOnce('key', 'answer')
    expect(await ttl(once)).toBe(24 * 60)
    await close()
  })

  it('says that Redis is away, soon and clearly, and goes on when it is back', async () => {
    const own = await startRedis('--appendfsync', 'always')
    const store = new RedisFleetStore(connectRedis(own.url, log), 'omega')
    await store.register(newHost('10.0.0.1', 2))
    await store.place(newSandbox('a'))
    await own.kill()
    await expect(store.place(newSandbox('b'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('--redis'),
    })
    await expect(store.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await own.restart()
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'answers',
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('answers')
    expect(placedSandbox(await store.place(newSandbox('a'))).host).toBe('10.0.0.1')
    expect((await store.findHost('10.0.0.1'))?.containers).toBe(1)
    await store.close()
    await own.close()
  })

  it('gives up on a Redis that hangs', async () => {
    const own = await startRedis()
    const store = new RedisFleetStore(connectRedis(own.url, log), 'omega')
    await store.ping()
    process.kill(own.pid, 'SIGSTOP')
    await expect(store.find('x')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    process.kill(own.pid, 'SIGCONT')
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'answers',
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('answers')
    await store.close()
    await own.close()
  })

  it('is not ready on a Redis that refuses writes', async () => {
    const own = await startRedis()
    const client = new Redis(own.url)
    const store = new RedisFleetStore(connectRedis(own.url, log), 'omega')
    await store.ping()
    await client.config('SET', 'min-replicas-to-write', '1')
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.register(newHost('10.0.0.1'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    client.disconnect()
    await store.close()
    await own.close()
  })
})
