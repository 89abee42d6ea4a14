import { afterEach, describe, expect, it } from 'vitest'
import { startCountingManager } from '../../support/counting-manager.ts'
import { startTestMaster, type TestMaster } from '../../support/master.ts'
import { startRedis } from '../../support/redis.ts'

/** 200 creates at once over HTTP against 20 hosts of capacity 10, the managers replaced by one that counts. */
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

async function masters(store: 'embedded' | 'redis'): Promise<[TestMaster, ...TestMaster[]]> {
  const redis = store === 'redis' ? await startRedis() : undefined
  if (redis) open.push(redis)
  const started: [TestMaster, ...TestMaster[]] = [await startTestMaster(redis ? { redis: redis.url } : {})]
  if (redis) started.push(await startTestMaster({ redis: redis.url }))
  open.push(...started)
  return started
}

describe.each(['embedded', 'redis'] as const)('%s store', (store) => {
  it('places exactly 200, none above 10, and refuses the rest', async () => {
    const manager = await startCountingManager(2)
    open.push(manager)
    const all = await masters(store)
    const [first] = all
    for (let host = 1; host <= 20; host++) await first.join(`127.0.1.${host}`, manager.apiUrl, 10)
    const creates = Array.from({ length: 220 }, async (_, index) => {
      const master = all[index % all.length] ?? first
      return master.api('/v1/sandboxes', { method: 'POST', body: '{}' })
    })
    const answers = await Promise.all(creates)
    const placed = answers
      .filter((answer) => answer.status === 201)
      .map((answer) => answer.body as unknown as { id: string; host: string })
    const refused = answers.filter((answer) => answer.status !== 201)
    expect(placed).toHaveLength(200)
    expect(new Set(placed.map(({ id }) => id)).size).toBe(200)
    expect(refused.every(({ body }) => (body as unknown as { code: string }).code === 'NO_CAPACITY')).toBe(true)
    const perHost = new Map<string, number>()
    for (const { host } of placed) perHost.set(host, (perHost.get(host) ?? 0) + 1)
    expect([...perHost.values()]).toEqual(Array(20).fill(10))
    expect(manager.containers.size).toBe(200)
    for (const master of all) {
      const { hosts } = (await master.api('/v1/hosts')).body as unknown as { hosts: { containers: number }[] }
      expect(hosts.map(({ containers }) => containers)).toEqual(Array(20).fill(10))
    }
  })
})
