import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  createSandbox,
  dig,
  eventually,
  loginOf,
  OmegaProcess,
  omega,
  run,
  temporaryDataDir,
} from '../support/omega.ts'
import { type PrivateRedis, startRedis } from '../support/redis.ts'

/** A Redis that was emptied under a running fleet: all of it is there again within a minute. */
let redis: PrivateRedis
let data: Awaited<ReturnType<typeof temporaryDataDir>>
let up: OmegaProcess
let dnsPort: number

beforeAll(async () => {
  redis = await startRedis()
  data = await temporaryDataDir()
  const ports = ['--port', '0', '--dns-port', '0', '--manager-port', '0', '--dns-http-port', '0']
  const flags = ['--runtime', 'process', '--redis', redis.url, '--data-dir', data.path, ...ports]
  up = await OmegaProcess.start(['up', ...flags], /Ctrl-C stops/)
  dnsPort = Number(/on port (\d+)/.exec(up.output)?.[1])
})
afterAll(async () => {
  await up?.stop()
  await redis?.close()
  await data?.remove()
})

const list = async () => JSON.parse((await omega(['sandbox', 'list', '--json'], data.env)).stdout)
const redisCli = async (...args: string[]) => (await run('redis-cli', ['-u', redis.url, ...args])).stdout.trim()
const answers = async (url: string) => (await fetch(url.replace(/\/\/[^/:]+/, '//127.0.0.1'))).status

it('FLUSHALL is repaired from the hosts: sandboxes, counts, ports and names; then all of it can be deleted', async () => {
  const made = [
    await createSandbox(data.env, '--template', 'static', '--name', 'one'),
    await createSandbox(data.env, '--template', 'static', '--name', 'two', '--ttl', '2h'),
  ]
  expect((await omega(['sandbox', 'stop', 'two'], data.env)).code).toBe(0)
  const before = await list()
  expect(before.map(({ state }: { state: string }) => state)).toEqual(['running', 'stopped'])

  await redisCli('FLUSHALL')
  const timeless = (views: { createdAt: string }[]) => views.map(({ createdAt: _, ...rest }) => rest)
  const after = await eventually(async () => (await list()).length === 2 && list(), 'both are adopted', 60_000)
  expect(timeless(after)).toEqual(timeless(before))
  for (const { subdomain, host } of made) {
    await eventually(
      async () => (await dig(dnsPort, `${subdomain}.omega.localhost`)).includes(host),
      'its name answers',
    )
  }
  expect(await redisCli('ZRANGE', '{omega}:hosts', '0', '-1', 'WITHSCORES')).toBe('127.0.0.1\n2')
  expect(await redisCli('HGET', '{omega}:ports', made[0]?.subdomain ?? '')).toBe(String(made[0]?.port))
  // The same sandbox, with the same files and token: nothing of it was made anew.
  expect(await answers(made[0]?.url ?? '')).toBeLessThan(500)
  expect((await omega(['sandbox', 'exec', 'two', '--', 'ls'], data.env)).stdout).toContain('index.html')

  expect((await omega(['sandbox', 'delete', 'one', 'two'], data.env)).code).toBe(0)
  expect(await list()).toEqual([])
  expect(await redisCli('ZRANGE', '{omega}:hosts', '0', '-1', 'WITHSCORES')).toBe('127.0.0.1\n0')
  const { dnsUrl, dnsToken } = await loginOf(data.path)
  const zone = await fetch(`${dnsUrl}/v1/zones/omega.localhost/rrsets`, {
    headers: { authorization: `Bearer ${dnsToken}` },
  })
  expect(((await zone.json()) as { rrsets: unknown[] }).rrsets).toEqual([])
}, 180_000)
