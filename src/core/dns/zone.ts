import { parseIpv4, parseIpv6 } from './address.ts'
import { absoluteName, isWithin, parentOf } from './domain-name.ts'
import { parseRecord } from './presentation.ts'
import type { RecordData, RecordSet, Soa, ZoneType } from './record.ts'
import type { RrsetChange, ZoneContent, ZoneUpdate, ZoneWatcher } from './record-store.ts'

export interface NameServer {
  /** Absolute. */
  name: string
  /** IPv4 and IPv6; answered as glue where the name is in the zone. */
  addresses: readonly string[]
}

/** What a zone has beside the records of its store. */
export interface ZoneSettings {
  /** Absolute; the zone's apex. */
  domain: string
  nameServers: readonly NameServer[]
  /** Seconds for which resolvers may remember that something does not exist (RFC 2308). */
  minimum: number
}

/** A name that exists: one with records, or one above such a name (an empty non-terminal, RFC 8020). */
export interface ZoneNode {
  readonly sets: Map<ZoneType, RecordSet>
  /** Nodes directly below. */
  children: number
}

/** For SOA and NS of the apex and the addresses of its name servers, seconds. */
const infrastructureTtl = 3600

/** A zone as its answers are looked up: nodes by absolute name, empty non-terminals included. */
export class Zone implements ZoneWatcher {
  readonly settings: ZoneSettings
  readonly #nodes = new Map<string, ZoneNode>()
  #serial = 1
  #cuts = 0
  #version = 0

  constructor(settings: ZoneSettings) {
    this.settings = settings
    this.reset({ serial: 0, rrsets: [] })
  }

  get domain(): string {
    return this.settings.domain
  }

  /** The serial of the SOA: 32 bits, never 0 (RFC 1982). */
  get serial(): number {
    return this.#serial
  }

  /** Changes whenever an answer might. */
  get version(): number {
    return this.#version
  }

  /** Whether there is any delegation below the apex. */
  get hasCuts(): boolean {
    return this.#cuts > 0
  }

  find(name: string): ZoneNode | undefined {
    return this.#nodes.get(name)
  }

  /** Whether the zone's own settings give this set, so that nobody may write it. */
  isFixed(name: string, type: ZoneType): boolean {
    if (name === this.domain && (type === 'SOA' || type === 'NS')) return true
    return this.settings.nameServers.some((server) => server.name === name)
  }

  soa(): RecordSet & { data: readonly [Soa] } {
    const { domain, minimum, nameServers } = this.settings
    const soa: Soa = {
      type: 'SOA',
      primary: nameServers[0]?.name ?? `ns1.${domain}`,
      mailbox: `hostmaster.${domain}`,
      serial: this.#serial,
      refresh: 14_400,
      retry: 3600,
      expire: 1_209_600,
      minimum,
    }
    return { name: domain, type: 'SOA', ttl: infrastructureTtl, data: [soa] }
  }

  reset(content: ZoneContent): void {
    this.#nodes.clear()
    this.#cuts = 0
    this.#nodes.set(this.domain, { sets: new Map(), children: 0 })
    for (const rrset of content.rrsets) this.#change({ name: rrset.name, type: rrset.type, rrset })
    this.#putFixed()
    this.#advance(content.serial)
  }

  update(update: ZoneUpdate): void {
    for (const change of update.changes) this.#change(change)
    this.#advance(update.serial)
  }

  #advance(serial: number): void {
    this.#serial = serial % 0x1_0000_0000 || 1
    this.#version++
    this.#put(this.soa())
  }

  #putFixed(): void {
    const { domain, nameServers } = this.settings
    const targets: RecordData[] = nameServers.map(({ name }) => ({ type: 'NS', target: name }))
    this.#put({ name: domain, type: 'NS', ttl: infrastructureTtl, data: targets })
    for (const { name, addresses } of nameServers) {
      if (!isWithin(name, domain)) continue
      for (const type of ['A', 'AAAA'] as const) {
        const proper = addresses.filter((address) => (type === 'A' ? parseIpv4(address) : parseIpv6(address)))
        const data: RecordData[] = proper.map((address) => ({ type, address }))
        if (data.length > 0) this.#put({ name, type, ttl: infrastructureTtl, data })
      }
    }
  }

  #change({ name: relative, type, rrset }: RrsetChange): void {
    const name = absoluteName(relative, this.domain)
    // Written by an omega with other name servers: the settings of this one win.
    if (this.isFixed(name, type)) return
    if (!rrset) this.#remove(name, type)
    else this.#put({ name, type, ttl: rrset.ttl, data: rrset.records.map((text) => parseRecord(type, text)) })
  }

  #put(set: RecordSet): void {
    const { sets } = this.#grow(set.name)
    if (set.type === 'NS' && set.name !== this.domain && !sets.has('NS')) this.#cuts++
    sets.set(set.type, set)
  }

  #grow(name: string): ZoneNode {
    const known = this.#nodes.get(name)
    if (known) return known
    const node: ZoneNode = { sets: new Map(), children: 0 }
    this.#nodes.set(name, node)
    this.#grow(parentOf(name)).children++
    return node
  }

  #remove(name: string, type: ZoneType): void {
    const node = this.#nodes.get(name)
    if (!node?.sets.delete(type)) return
    if (type === 'NS') this.#cuts--
    this.#prune(name, node)
  }

  /** Takes away a node that has neither records nor anything below, and then whatever that leaves empty above. */
  #prune(name: string, node: ZoneNode): void {
    if (name === this.domain || node.sets.size > 0 || node.children > 0) return
    this.#nodes.delete(name)
    const above = parentOf(name)
    const parent = this.#nodes.get(above)
    if (!parent) return
    parent.children--
    this.#prune(above, parent)
  }
}
