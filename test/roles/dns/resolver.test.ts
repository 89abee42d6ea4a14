import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dig } from './dig.ts'
import { fillZone, startDns, type TestDns, zone } from './running.ts'

/** A recursive resolver of the strict kind in front of the zone, as users have one. */
async function startUnbound(zonePort: number): Promise<{ port: number; close(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'omega-unbound-'))
  const port = await freePort()
  const config = `
server:
  interface: 127.0.0.1@${port}
  directory: "${dir}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  do-daemonize: no
  num-threads: 1
  module-config: "iterator"
  do-not-query-localhost: no
  use-caps-for-id: yes
  qname-minimisation: yes
  qname-minimisation-strict: yes
  harden-below-nxdomain: yes
  local-zone: "test." nodefault
stub-zone:
  name: "${zone}"
  stub-addr: 127.0.0.1@${zonePort}
remote-control:
  control-enable: no
`
  writeFileSync(join(dir, 'unbound.conf'), config)
  const child: ChildProcess = spawn('unbound', ['-d', '-c', join(dir, 'unbound.conf')], { stdio: 'ignore' })
  // Also when the test is given up before it could close it.
  process.once('exit', () => child.kill('SIGKILL'))
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => {
      throw new Error(`unbound could not be started: ${error.message}. Install it (Debian: unbound).`)
    }),
  ])
  while (
    !(await dig(port, '+rec', zone, 'SOA').then(
      (reply) => reply.status === 'NOERROR',
      () => false,
    ))
  ) {
    // biome-ignore format: one line
    if (child.exitCode !== null) throw new Error('unbound ended at once.')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    port,
    async close() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

describe('through a strict resolver', { timeout: 60_000 }, () => {
  let dns: TestDns
  let unbound: Awaited<ReturnType<typeof startUnbound>>
  beforeAll(async () => {
    dns = await startDns()
    await fillZone(dns)
    unbound = await startUnbound(dns.port)
  }, 60_000)
  afterAll(async () => {
    await unbound?.close()
    await dns.close()
  })

  const resolve = (name: string, type: string) => dig(unbound.port, '+rec', `${name}.${zone}`, type)
  const addresses = async (name: string, type = 'A') =>
    (await resolve(name, type)).answer.map((line) => line.split(' ').at(-1))

  it('names, previews, deep names, wildcards and aliases resolve', async () => {
    expect(await addresses('a1')).toEqual(['10.0.0.1'])
    expect(await addresses('box', 'AAAA')).toEqual(['2001:db8::7'])
    expect(await addresses('5173-box')).toEqual(['10.0.0.7'])
    expect(await addresses('deep.ent.tree')).toEqual(['10.0.0.3'])
    expect(await addresses('x.y.wild')).toEqual(['10.0.0.8'])
    expect(await addresses('www')).toEqual([`a1.${zone}.`, '10.0.0.1'])
    expect((await resolve('big', 'TXT')).answer).toHaveLength(40)
  })

  it('what does not exist is NXDOMAIN, and what has no such record is empty', async () => {
    expect((await resolve('nope', 'A')).status).toBe('NXDOMAIN')
    expect((await resolve('8080-nope', 'A')).status).toBe('NXDOMAIN')
    expect(await resolve('8080-four', 'AAAA')).toMatchObject({ status: 'NOERROR', answer: [] })
    expect(await resolve('ent.tree', 'A')).toMatchObject({ status: 'NOERROR', answer: [] })
    expect(await resolve('a1', 'HTTPS')).toMatchObject({ status: 'NOERROR', answer: [] })
  })

  it('a name asked for too early is there as soon as the SOA minimum allows', async () => {
    const early = await resolve('early', 'A')
    expect(early.status).toBe('NXDOMAIN')
    const [ttl] = early.authority.map((line) => Number(line.split(' ')[1]))
    expect(ttl).toBeLessThanOrEqual(5)
    await dns.client.put(zone, 'early', 'A', { ttl: 5, records: ['10.0.0.99'] })
    while ((await addresses('early'))[0] !== '10.0.0.99') await new Promise((done) => setTimeout(done, 100))
  })
})
