import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MemoryRecordStore } from '../../src/core/dns/memory-record-store.ts'
import type { RecordBatch, RecordStore, RrsetChange, ZoneContent } from '../../src/core/dns/record-store.ts'
import { RecordTable } from '../../src/core/dns/record-table.ts'
import { EmbeddedRecordStore } from '../../src/drivers/record-store-embedded.ts'
import { RedisRecordStore } from '../../src/drivers/record-store-redis.ts'
import { connectRedis } from '../../src/drivers/redis/connection.ts'
import { type PrivateRedis, startRedis } from '../support/redis.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

let redis: PrivateRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())

const log = pino({ level: 'silent' })
let zones = 0

/** Opens the store of one and the same zone, each time it is called. `shared`: several may be open at once. */
interface Medium {
  open(): Promise<RecordStore>
  shared: boolean
  durable: boolean
}

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'omega-records-'))
  closers.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const media: Record<string, () => Medium> = {
  memory: () => ({ shared: false, durable: false, open: async () => new MemoryRecordStore() }),
  embedded: () => {
    const dir = tempDir()
    return { shared: false, durable: true, open: () => EmbeddedRecordStore.open(dir) }
  },
  redis: () => {
    const zone = `z${++zones}.test`
    const open = async () => {
      const client = connectRedis(redis.url, log)
      closers.push(() => client.disconnect())
      return RedisRecordStore.open(client, 'omega', zone)
    }
    return { shared: true, durable: true, open }
  },
}

const put = (name: string, address: string): RrsetChange => ({
  name,
  type: 'A',
  rrset: { name, type: 'A', ttl: 5, records: [address], owner: 'test' },
})
const gone = (name: string): RrsetChange => ({ name, type: 'A', rrset: undefined })
const batch = (...changes: RrsetChange[]): RecordBatch => ({ changes, requirements: [] })

/** What a watcher of a store believes. */
function follow(store: RecordStore): RecordTable {
  const table = new RecordTable()
  store.watch(table)
  return table
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe.each(Object.keys(media))('the %s record store', { timeout: 30_000 }, (kind) => {
  const medium = () => media[kind]?.() as Medium
  async function opened(of: Medium): Promise<RecordStore> {
    const store = await of.open()
    closers.push(() => store.close())
    return store
  }

  it('is empty at first, with serial 0', async () => {
    const store = await opened(medium())
    expect(store.list()).toEqual({ serial: 0, rrsets: [] })
    expect(store.get('a', 'A')).toBeUndefined()
    await store.ping()
  })

  it('applies a batch as one step, with one serial', async () => {
    const store = await opened(medium())
    expect(await store.apply(batch(put('b', '10.0.0.2'), put('a', '10.0.0.1')))).toEqual({
      outcome: 'applied',
      serial: 1,
    })
    expect(await store.apply(batch(gone('b'), put('c', '10.0.0.3')))).toEqual({ outcome: 'applied', serial: 2 })
    expect(store.list()).toEqual({
      serial: 2,
      rrsets: [
        { name: 'a', type: 'A', ttl: 5, records: ['10.0.0.1'], owner: 'test', serial: 1 },
        { name: 'c', type: 'A', ttl: 5, records: ['10.0.0.3'], owner: 'test', serial: 2 },
      ],
    })
    expect(store.get('c', 'A')?.serial).toBe(2)
    expect(store.get('b', 'A')).toBeUndefined()
  })

  it('changes nothing when a requirement does not hold, and says which', async () => {
    const store = await opened(medium())
    await store.apply(batch(put('a', '10.0.0.1')))
    const before = store.list()
    const tries: [RecordBatch['requirements'], number][] = [
      [[{ name: 'a', type: 'A', is: 'absent' }], 0],
      [[{ name: 'a', type: 'A', is: 'present' }, { name: 'b', type: 'A', is: 'present' }], 1], // biome-ignore format: a table
      [[{ name: 'a', type: 'A', is: 7 }], 0],
      [[{ name: 'b', type: 'A', is: 1 }], 0],
      [[{ name: 'a', type: 'AAAA', is: 'absent' }, { name: 'a', type: 'A', is: 1 }, { name: 'a', type: 'A', is: 2 }], 2], // biome-ignore format: a table
    ]
    for (const [requirements, requirement] of tries) {
      const answer = await store.apply({ changes: [put('x', '10.0.0.9'), gone('a')], requirements })
      expect(answer).toEqual({ outcome: 'failed', requirement })
    }
    expect(store.list()).toEqual(before)
    const right = { changes: [put('a', '10.0.0.2')], requirements: [{ name: 'a', type: 'A', is: 1 }] } as const
    expect(await store.apply(right)).toEqual({ outcome: 'applied', serial: 2 })
  })

  it('lets exactly one of many who want the same name have it', async () => {
    const of = medium()
    const stores = [await opened(of)]
    if (of.shared) stores.push(await opened(of))
    const claims = Array.from({ length: 40 }, (_, index) =>
      stores[index % stores.length]?.apply({
        changes: [put('wanted', `10.0.0.${index}`)],
        requirements: [{ name: 'wanted', type: 'A', is: 'absent' }],
      }),
    )
    const answers = await Promise.all(claims)
    expect(answers.filter((answer) => answer?.outcome === 'applied')).toHaveLength(1)
    expect(stores[0]?.list().serial).toBe(1)
  })

  it('tells watchers everything at first and every batch in order, before the writer knows', async () => {
    const store = await opened(medium())
    await store.apply(batch(put('before', '10.0.0.1')))
    const serials: number[] = []
    const contents: ZoneContent[] = []
    const stop = store.watch({
      reset: (content) => contents.push(content),
      update: (update) => serials.push(update.serial),
    })
    expect(contents.map(({ serial, rrsets }) => [serial, rrsets.length])).toEqual([[1, 1]])
    await Promise.all(Array.from({ length: 50 }, (_, index) => store.apply(batch(put(`n${index}`, '10.0.0.1')))))
    expect(serials).toEqual(Array.from({ length: 50 }, (_, index) => index + 2))
    stop()
    await store.apply(batch(put('after', '10.0.0.1')))
    expect(serials).toHaveLength(50)
  })

  it('gives watchers the same picture as the list', async () => {
    const store = await opened(medium())
    const table = follow(store)
    for (let index = 0; index < 60; index++) {
      const name = `n${(index * 7) % 11}`
      await store.apply(batch(index % 3 === 0 ? gone(name) : put(name, `10.0.0.${index}`)))
    }
    expect(table.content()).toEqual(store.list())
  })

  it('has what it had when it is opened again', async () => {
    const of = medium()
    if (!of.durable) return expect(of.shared).toBe(false)
    const first = await of.open()
    for (let index = 0; index < 30; index++)
      await first.apply(batch(put(`n${index}`, '10.0.0.1'), gone(`n${index - 2}`)))
    const before = first.list()
    expect(before.rrsets).toHaveLength(2)
    await first.close()
    expect((await opened(of)).list()).toEqual(before)
  })
})

describe('two stores on one Redis', { timeout: 30_000 }, () => {
  async function pair() {
    const medium = media.redis?.() as Medium
    const stores = [await medium.open(), await medium.open()] as const
    closers.push(() => Promise.all(stores.map((store) => store.close())))
    return stores
  }

  it('see what the other writes', async () => {
    const [left, right] = await pair()
    const table = follow(right)
    await left.apply(batch(put('a', '10.0.0.1')))
    await until(() => table.get('a', 'A') !== undefined)
    await left.apply(batch(gone('a')))
    await until(() => table.get('a', 'A') === undefined)
    expect(table.content()).toEqual(left.list())
  })

  it('agree after both have written at once, each having seen its own at the acknowledgement', async () => {
    const [left, right] = await pair()
    const write = async (store: RecordStore, name: string) => {
      for (let index = 0; index < 150; index++) {
        await store.apply(batch(put(`${name}${index}`, '10.0.0.1'), gone(`${name}${index - 5}`)))
        expect(store.get(`${name}${index}`, 'A')).toBeDefined()
      }
    }
    await Promise.all([write(left, 'l'), write(right, 'r'), write(left, 'm')])
    await until(() => left.list().serial === 450 && right.list().serial === 450)
    expect(left.list()).toEqual(right.list())
    expect(left.list().rrsets).toHaveLength(15)
  })

  it('go on from memory while Redis is away, refuse writes, and catch up afterwards', async () => {
    const own = await startRedis()
    closers.push(() => own.close())
    const open = async () => {
      const client = connectRedis(own.url, log)
      closers.push(() => client.disconnect())
      const store = await RedisRecordStore.open(client, 'omega', 'away.test')
      closers.push(() => store.close())
      return store
    }
    const [left, right] = [await open(), await open()]
    await left.apply(batch(put('a', '10.0.0.1')))
    await until(() => right.get('a', 'A') !== undefined)
    await own.kill()
    await expect(left.apply(batch(put('b', '10.0.0.2')))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(left.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(left.get('a', 'A')?.records).toEqual(['10.0.0.1'])
    await own.restart()
    await until(() => own.pid > 0)
    for (;;) if (await left.apply(batch(put('c', '10.0.0.3'))).then(Boolean, () => false)) break
    await until(() => right.get('c', 'A') !== undefined)
    expect(right.list()).toEqual(left.list())
  })

  it('see that Redis was emptied, though it is back at the serial they know', async () => {
    const own = await startRedis()
    closers.push(() => own.close())
    const client = connectRedis(own.url, log)
    closers.push(() => client.disconnect())
    const open = async () => {
      const store = await RedisRecordStore.open(client, 'omega', 'emptied.test')
      closers.push(() => store.close())
      return store
    }
    const [left, right] = [await open(), await open()]
    await left.apply(batch(put('a', '10.0.0.1')))
    await until(() => right.get('a', 'A') !== undefined)
    await client.flushall()
    // It has seen nothing of what was, and begins with serial 1 as the one before did.
    const third = await open()
    expect(await third.apply(batch(put('b', '10.0.0.2')))).toEqual({ outcome: 'applied', serial: 1 })
    await until(() => [left, right].every((store) => store.get('a', 'A') === undefined))
    for (const store of [left, right]) expect(store.list()).toEqual(third.list())
    // Who knows what was counts on from there.
    for (const name of ['c', 'd', 'e']) await left.apply(batch(put(name, '10.0.0.3')))
    await client.flushall()
    expect(await left.apply(batch(put('f', '10.0.0.4')))).toEqual({ outcome: 'applied', serial: 5 })
    await until(() => right.get('e', 'A') === undefined)
    expect(right.list().rrsets.map(({ name }) => name)).toEqual(['f'])
  })

  it('start afresh when the log they follow is gone', async () => {
    const own = await startRedis()
    closers.push(() => own.close())
    const client = connectRedis(own.url, log)
    closers.push(() => client.disconnect())
    const store = await RedisRecordStore.open(client, 'omega', 'gap.test')
    closers.push(() => store.close())
    await store.apply(batch(put('a', '10.0.0.1')))
    await client.del('{omega}:dns:gap.test:log')
    await client.hset('{omega}:dns:gap.test:rrsets', 'b A', '5 {"name":"b","type":"A","ttl":5,"records":["10.0.0.2"]}')
    await client.set('{omega}:dns:gap.test:serial', '5')
    await until(() => store.list().serial === 5)
    expect(store.get('b', 'A')?.records).toEqual(['10.0.0.2'])
    await client.flushall()
    await until(() => store.list().serial === 0)
    expect(await store.apply(batch(put('c', '10.0.0.3')))).toEqual({ outcome: 'applied', serial: 1 })
    expect(store.list().rrsets.map(({ name }) => name)).toEqual(['c'])
  })
})
