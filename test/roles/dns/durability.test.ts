import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { DnsClient } from '../../../src/drivers/dns-client.ts'
import { start } from '../../../src/roles/dns/index.ts'
import { startProgram } from '../../support/program.ts'
import { startRedis } from '../../support/redis.ts'
import { dig } from './dig.ts'
import { fillZone, startDns, testConfig, token, zone } from './running.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'omega-dns-'))
  closers.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const body = (address: string) => ({ ttl: 5, records: [address] })

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 20))
}

describe('records', { timeout: 60_000 }, () => {
  it('survive a restart, with serial and versions', async () => {
    const dataDir = tempDir()
    const first = await start(testConfig(dataDir))
    const client = new DnsClient(first.url, token)
    await fillZone({ ...first, client } as never)
    await client.put(zone, 'box', 'A', body('10.0.0.8'))
    const before = await client.list(zone)
    await first.close()
    await first.close()
    const second = await start(testConfig(dataDir))
    closers.push(() => second.close())
    expect(await new DnsClient(second.url, token).list(zone)).toEqual(before)
    expect((await dig(second.dnsPort, `box.${zone}`, 'A')).answer).toEqual([`box.${zone}. 5 IN A 10.0.0.8`])
  })

  it('that were acknowledged survive kill -9 in the middle of updates', async () => {
    const dir = tempDir()
    const settings = JSON.stringify({ ...testConfig(join(dir, 'data')), log: undefined })
    const source = `
      import { pino } from ${JSON.stringify(resolve('node_modules/pino/pino.js'))}
      import { start } from ${JSON.stringify(resolve('src/roles/dns/index.ts'))}
      const role = await start({ ...${settings}, log: pino({ level: 'silent' }) })
      console.log(JSON.stringify({ url: role.url }))
    `
    const child = await startProgram(source, dir)
    closers.push(() => child.kill('SIGKILL'))
    const [line] = await once(createInterface(child.stdout), 'line')
    const client = new DnsClient(JSON.parse(line).url, token)
    const acknowledged: string[] = []
    const writer = async (prefix: string) => {
      for (let index = 0; ; index++) {
        const name = `${prefix}${index}`
        try {
          await client.put(zone, name, 'A', body('10.0.0.1'))
        } catch {
          return
        }
        acknowledged.push(name)
        if (acknowledged.length === 120) child.kill('SIGKILL')
      }
    }
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(writer))
    expect(acknowledged.length).toBeGreaterThanOrEqual(120)
    const again = await start(testConfig(join(dir, 'data')))
    closers.push(() => again.close())
    const { rrsets, serial } = await new DnsClient(again.url, token).list(zone)
    const names = new Set(rrsets.map(({ name }) => name))
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([])
    expect(serial).toBe(rrsets.length)
    expect((await dig(again.dnsPort, `${acknowledged.at(-1)}.${zone}`, 'A')).status).toBe('NOERROR')
  })

  it('are the same on two servers that share a Redis, which answer on while it is away', async () => {
    const redis = await startRedis()
    closers.push(() => redis.close())
    const [left, right] = [await startDns({ redis: redis.url }), await startDns({ redis: redis.url })]
    closers.push(() => Promise.all([left.close(), right.close()]))
    const answers = async (port: number, name: string) => (await dig(port, `${name}.${zone}`, 'A')).answer.length === 1
    await left.client.put(zone, 'box', 'A', body('10.0.0.1'))
    expect(await answers(left.port, 'box')).toBe(true)
    await until(() => answers(right.port, 'box'))
    await right.client.delete(zone, 'box', 'A')
    expect(await answers(right.port, 'box')).toBe(false)
    await until(async () => !(await answers(left.port, 'box')))
    await left.client.put(zone, 'stays', 'A', body('10.0.0.2'))
    await until(() => answers(right.port, 'stays'))

    await redis.kill()
    for (const { port, url, client } of [left, right]) {
      expect(await answers(port, 'stays')).toBe(true)
      const readiness = await fetch(`${url}/readyz`)
      expect(readiness.status).toBe(503)
      expect(await readiness.json()).toMatchObject({ code: 'NOT_READY', queries: true, updates: false })
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      await expect(client.put(zone, 'refused', 'A', body('10.0.0.3'))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      })
      expect(await answers(port, 'refused')).toBe(false)
    }

    await redis.restart()
    await until(async () => (await fetch(`${left.url}/readyz`)).status === 200)
    await left.client.put(zone, 'after', 'A', body('10.0.0.4'))
    await until(() => answers(right.port, 'after'))
    expect(await answers(right.port, 'stays')).toBe(true)
    expect(await right.client.list(zone)).toEqual(await left.client.list(zone))
  })
})

describe('starting', { timeout: 30_000 }, () => {
  it('takes one port for UDP and TCP on every address', async () => {
    const dns = await startDns({ dnsAddress: '127.0.0.1, 127.0.0.2' })
    closers.push(() => dns.close())
    const reply = await dig(dns.port, zone, 'NS', '@127.0.0.2')
    expect(reply.additional).toEqual([`ns1.${zone}. 3600 IN A 127.0.0.1`, `ns1.${zone}. 3600 IN A 127.0.0.2`])
    expect((await dig(dns.port, zone, 'SOA', '+tcp')).answer).toHaveLength(1)
    await expect(startDns({ dnsPort: dns.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('uses the name servers it is given, in the zone or not', async () => {
    const nameServers = [
      { name: 'ns.example.net', addresses: ['192.0.2.1'] },
      { name: `a.ns.${zone}`, addresses: ['192.0.2.2', '2001:db8::2'] },
    ]
    const dns = await startDns({ nameServers })
    closers.push(() => dns.close())
    const reply = await dig(dns.port, zone, 'NS')
    expect(reply.answer).toEqual([`${zone}. 3600 IN NS ns.example.net.`, `${zone}. 3600 IN NS a.ns.${zone}.`])
    expect(reply.additional).toEqual([`a.ns.${zone}. 3600 IN A 192.0.2.2`, `a.ns.${zone}. 3600 IN AAAA 2001:db8::2`])
    await expect(dns.client.put(zone, 'a.ns', 'A', body('10.0.0.1'))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('refuses a zone that is none, and a Redis that is away', async () => {
    await expect(startDns({ domain: 'not a zone' })).rejects.toMatchObject({ code: 'INVALID_NAME' })
    await expect(startDns({ redis: 'redis://127.0.0.1:1' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
