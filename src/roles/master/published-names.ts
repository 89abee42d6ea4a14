import { isIPv6 } from 'node:net'
import { isAway } from '../../core/host.ts'
import { isLiving, type Sandbox, type SandboxState } from '../../core/sandbox.ts'
import type { Rrset, RrsetBody } from '../../core/wire/dns.ts'
import type { CheckTurn } from './agreement.ts'
import type { Inventory } from './inventory.ts'
import { Suspicions } from './suspicions.ts'

/** Marks the records the master keeps; it never touches others. */
export const OWNER = 'master'

export interface DnsApi {
  put(zone: string, name: string, type: string, body: RrsetBody): Promise<unknown>
  delete(zone: string, name: string, type: string): Promise<unknown>
  list(zone: string): Promise<{ rrsets: Rrset[] }>
}

/** What the hosts have at the time of a look at the zone. */
export type NamesInventory = Pick<Inventory, 'hosts' | 'isComplete'> & { now: number; checkTurn: CheckTurn }

/** The sandboxes' address records in the dns role. */
export class PublishedNames {
  readonly #dns: DnsApi
  readonly #zone: string
  readonly #ttl: number
  readonly #unknown: Suspicions

  /** `suspectMs`: how long a record must belong to nobody before it is withdrawn. */
  constructor(dns: DnsApi, zone: string, ttl: number, suspectMs: number) {
    this.#dns = dns
    this.#zone = zone
    this.#ttl = ttl
    this.#unknown = new Suspicions(suspectMs)
  }

  /** Resolves when the name answers with its host's address. */
  async publish(sandbox: Sandbox): Promise<void> {
    const type = isIPv6(sandbox.host) ? 'AAAA' : 'A'
    await this.#dns.put(this.#zone, sandbox.subdomain, type, { ttl: this.#ttl, records: [sandbox.host], owner: OWNER })
  }

  async withdraw(sandbox: Sandbox): Promise<void> {
    await this.#dns.delete(this.#zone, sandbox.subdomain, isIPv6(sandbox.host) ? 'AAAA' : 'A')
  }

  /** Makes the zone agree with the sandboxes that are there; gives how many records it had to change. */
  async reconcile(
    living: readonly Sandbox[],
    stateOf: (subdomain: string) => Promise<SandboxState | undefined>,
    inventory?: NamesInventory,
  ): Promise<number> {
    const { rrsets } = await this.#dns.list(this.#zone)
    const published = new Map(rrsets.map((rrset) => [`${rrset.name} ${rrset.type}`, rrset]))
    let changes = 0
    for (const sandbox of living) {
      const key = `${sandbox.subdomain} ${isIPv6(sandbox.host) ? 'AAAA' : 'A'}`
      const { records } = published.get(key) ?? {}
      published.delete(key)
      if (records?.length === 1 && records[0] === sandbox.host) continue
      // It may have been deleted since the list was read.
      const state = await stateOf(sandbox.subdomain)
      if (!state || !isLiving(state)) continue
      await this.publish(sandbox)
      changes++
    }
    return changes + (inventory ? await this.#withdrawUnknown([...published.values()], stateOf, inventory) : 0)
  }

  /**
   * Withdraws what belongs to no sandbox: not at the first look, and only when all hosts told what they have. A store
   * that was emptied knows no sandbox until its hosts have told it theirs.
   */
  async #withdrawUnknown(
    rrsets: readonly Rrset[],
    stateOf: (subdomain: string) => Promise<SandboxState | undefined>,
    { hosts, isComplete, now, checkTurn }: NamesInventory,
  ): Promise<number> {
    if (!isComplete) return 0
    const away = new Set(hosts.filter(({ state }) => isAway(state)).map(({ address }) => address))
    const suspects = new Map<string, Rrset>()
    for (const rrset of rrsets) {
      const { name, type, owner, records } = rrset
      if (owner !== OWNER || records.some((address) => away.has(address))) continue
      if ((await stateOf(name)) === undefined) suspects.set(`${name} ${type}`, rrset)
    }
    let changes = 0
    for (const key of this.#unknown.look([...suspects.keys()], now)) {
      const { name, type } = suspects.get(key) as Rrset
      await checkTurn()
      await this.#dns.delete(this.#zone, name, type)
      changes++
    }
    return changes
  }
}
