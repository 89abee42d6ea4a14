import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { DnsClient } from '../../../src/drivers/dns-client.ts'
import { type DnsConfig, start } from '../../../src/roles/dns/index.ts'

export const zone = 'conf.omega.test'
export const token = 'a-token-for-tests'

/** Settings of a dns role for a test: everything free and temporary. */
export function testConfig(dataDir: string, more: Partial<DnsConfig> = {}): DnsConfig {
  return {
    domain: zone,
    dnsAddress: '127.0.0.1',
    dnsPort: 0,
    httpAddress: '127.0.0.1',
    httpPort: 0,
    token,
    dataDir,
    fleet: 'omega',
    nameServers: [],
    ttl: 5,
    log: pino({ level: 'silent' }),
    ...more,
  }
}

export async function startDns(more: Partial<DnsConfig> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'omega-dns-'))
  const remove = () => rmSync(dir, { recursive: true, force: true })
  const role = await start(testConfig(dir, more)).catch((error: unknown) => {
    remove()
    throw error
  })
  return {
    ...role,
    dir,
    port: role.dnsPort,
    client: new DnsClient(role.url, token),
    async close() {
      await role.close()
      remove()
    },
  }
}

export type TestDns = Awaited<ReturnType<typeof startDns>>

/** The zone of the conformance table. */
export async function fillZone({ client }: TestDns): Promise<void> {
  const strings = (count: number) => Array.from({ length: count }, (_, index) => `"${index}-${'x'.repeat(60)}"`)
  const one = (name: string, type: string, ...records: string[]) => ({ name, type, ttl: 10, records })
  await client.patch(zone, [
    one('@', 'CAA', '0 issue "letsencrypt.org"'),
    one('@', 'MX', '10 a1.conf.omega.test.'),
    one('a1', 'A', '10.0.0.1'),
    one('box', 'A', '10.0.0.7'),
    one('box', 'AAAA', '2001:db8::7'),
    one('four', 'A', '10.0.0.4'),
    one('9000-four', 'A', '10.9.9.9'),
    one('deep.ent.tree', 'A', '10.0.0.3'),
    one('_acme-challenge', 'TXT', '"first"', '"second"'),
    one('big', 'TXT', ...strings(40)),
    one('*.wild', 'A', '10.0.0.8'),
    one('exists.wild', 'TXT', '"here"'),
    one('www', 'CNAME', 'a1.conf.omega.test.'),
    one('away', 'CNAME', 'www.example.com.'),
    one('dangling', 'CNAME', 'nothing.conf.omega.test.'),
    one('loop1', 'CNAME', 'loop2.conf.omega.test.'),
    one('loop2', 'CNAME', 'loop1.conf.omega.test.'),
    one('child', 'NS', 'ns1.child.conf.omega.test.', 'ns.example.net.'),
    one('ns1.child', 'A', '10.0.0.53'),
    one('_sip._tcp', 'SRV', '0 5 5060 a1.conf.omega.test.'),
  ])
}
