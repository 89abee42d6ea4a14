import { isIPv6 } from 'node:net'
import type { Sandbox, SandboxState } from '../../core/sandbox.ts'
import type { Rrset, RrsetBody } from '../../core/wire/dns.ts'

/** Marks the records the master keeps; it never touches others. */
export const OWNER = 'master'

export interface DnsApi {
  put(zone: string, name: string, type: string, body: RrsetBody): Promise<unknown>
  delete(zone: string, name: string, type: string): Promise<unknown>
  list(zone: string): Promise<{ rrsets: Rrset[] }>
}

/** The sandboxes' address records in the dns role. */
export class PublishedNames {
  readonly #dns: DnsApi
  readonly #zone: string
  readonly #ttl: number

  constructor(dns: DnsApi, zone: string, ttl: number) {
    this.#dns = dns
    this.#zone = zone
    this.#ttl = ttl
  }

  /** Resolves when the name answers with its host's address. */
  async publish(sandbox: Sandbox): Promise<void> {
    const type = isIPv6(sandbox.host) ? 'AAAA' : 'A'
    await this.#dns.put(this.#zone, sandbox.subdomain, type, { ttl: this.#ttl, records: [sandbox.host], owner: OWNER })
  }

  async withdraw(sandbox: Sandbox): Promise<void> {
    await this.#dns.delete(this.#zone, sandbox.subdomain, isIPv6(sandbox.host) ? 'AAAA' : 'A')
  }

  /** Makes the zone agree with the running sandboxes; gives how many records it had to change. */
  async reconcile(
    running: Sandbox[],
    stateOf: (subdomain: string) => Promise<SandboxState | undefined>,
  ): Promise<number> {
    const { rrsets } = await this.#dns.list(this.#zone)
    const published = new Map(rrsets.map((rrset) => [`${rrset.name} ${rrset.type}`, rrset]))
    let changes = 0
    for (const sandbox of running) {
      const key = `${sandbox.subdomain} ${isIPv6(sandbox.host) ? 'AAAA' : 'A'}`
      const { records } = published.get(key) ?? {}
      published.delete(key)
      if (records?.length === 1 && records[0] === sandbox.host) continue
      // It may have been deleted since the list was read.
      if ((await stateOf(sandbox.subdomain)) !== 'running') continue
      await this.publish(sandbox)
      changes++
    }
    for (const { name, type, owner } of published.values()) {
      if (owner !== OWNER || (await stateOf(name)) !== undefined) continue
      await this.#dns.delete(this.#zone, name, type)
      changes++
    }
    return changes
  }
}
