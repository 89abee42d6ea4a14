import type { Redis } from 'ioredis'
import { FEED_KEPT, type FeedPage, wasCutOff } from '../../core/fleet-feed.ts'
import { compare } from '../../core/fleet-hosts.ts'
import { byAge } from '../../core/fleet-sandboxes.ts'
import type {
  AdoptOutcome,
  FleetStore,
  IdempotencyAnswer,
  Marked,
  PlaceAnswer,
  PlaceLimits,
  RehostOutcome,
  ReserveOutcome,
  SandboxEvent,
  SettingsAnswer,
} from '../../core/fleet-store.ts'
import { EVENTS_KEPT, STORY_LAPSES_AFTER_MS } from '../../core/fleet-stories.ts'
import type { Host, HostLoad, NewHost } from '../../core/host.ts'
import { type KeptSettings, SETTINGS_LIMIT_BYTES } from '../../core/kept-settings.ts'
import { ANSWER_KEPT_MS, CLAIM_LAPSES_AFTER_MS } from '../../core/once-keys.ts'
import type { LivingState, NewSandbox, Sandbox } from '../../core/sandbox.ts'
import { TOMBSTONE_KEPT_MS } from '../../core/tombstones.ts'
import { answered, ping } from './connection.ts'
import { type FleetKeys, fleetKeys } from './keys.ts'
import {
  decodeEvent,
  decodeFeedEvent,
  decodeHost,
  decodeSandbox,
  decodeSettings,
  encodeHostRest,
  encodeSandboxRest,
  NO_PRESSURE,
  word,
} from './records.ts'
import type { Reply, Script } from './script.ts'
import { scripts } from './scripts.ts'

/** A page of a list: small enough that Redis answers others in between. */
const PAGE = 1_000

/** The fleet's state in Redis, for any number of masters. Every step is one script; docs/redis.md lists the keys. */
export class RedisFleetStore implements FleetStore {
  readonly #client: Redis
  readonly #keys: FleetKeys
  /** The keys most host scripts take. */
  readonly #hostKeys: [string, string, string, string, string]

  /** Takes the client over: `close` ends it. */
  constructor(client: Redis, fleet: string) {
    this.#client = client
    this.#keys = fleetKeys(fleet)
    const { hosts, hostRecords, hostTaken, hostBeats, hostLoads } = this.#keys
    this.#hostKeys = [hosts, hostRecords, hostTaken, hostBeats, hostLoads]
  }

  async place(
    sandbox: NewSandbox,
    exclude: readonly string[] = [],
    { maxSandboxes = 0, host: only = '' }: PlaceLimits = {},
  ): Promise<PlaceAnswer> {
    const { sandboxRecords, sandboxNames, events, sandboxDeleted } = this.#keys
    const { id, subdomain, name } = sandbox
    const [hosts, records, taken, beats, loads] = this.#hostKeys
    const reply = await this.#run(
      scripts.place,
      [hosts, records, taken, beats, sandboxRecords, sandboxNames, events(id), sandboxDeleted, loads],
      [id, word(subdomain), word(name), encodeSandboxRest(sandbox), maxSandboxes, only, ...exclude],
    )
    const [code, record, ...host] = reply as [number, string, ...Reply[]]
    if (code === -2) return { outcome: 'quota', sandboxes: Number(record) }
    if (code !== 1) return { outcome: code === 0 ? 'full' : 'nameTaken' }
    return { outcome: 'placed', sandbox: decodeSandbox(id, record), host: decodeHost(host) }
  }

  async confirm(id: string, port: number): Promise<boolean> {
    return (await this.#run(scripts.confirm, [this.#keys.sandboxRecords, this.#keys.ports], [id, port])) === 1
  }

  async mark(id: string, state: LivingState): Promise<Marked | undefined> {
    const reply = await this.#run(scripts.mark, [this.#keys.sandboxRecords], [id, state])
    if (reply === null) return undefined
    const [record, was] = reply as [string, LivingState]
    return { sandbox: decodeSandbox(id, record), was }
  }

  async adopt(sandbox: Sandbox): Promise<AdoptOutcome> {
    const { hosts, hostRecords, hostTaken, ports, sandboxRecords, sandboxNames, sandboxDeleted, events } = this.#keys
    const { id, subdomain, name, state, host, port, createdAt } = sandbox
    const reply = await this.#run(
      scripts.adopt,
      [hosts, hostRecords, hostTaken, ports, sandboxRecords, sandboxNames, sandboxDeleted, events(id)],
      [
        ...[id, word(subdomain), word(name), encodeSandboxRest(sandbox)],
        ...[state, host, port, createdAt, TOMBSTONE_KEPT_MS],
      ],
    )
    const outcomes = { '1': 'adopted', '0': 'known', '-1': 'conflict', '-2': 'deleted', '-3': 'noHost' } as const
    return outcomes[String(reply) as keyof typeof outcomes]
  }

  async reserveMove(id: string, to: string): Promise<ReserveOutcome> {
    const { hosts, hostRecords, hostTaken, sandboxRecords, moves } = this.#keys
    const reply = await this.#run(scripts.reserveMove, [hosts, hostRecords, hostTaken, sandboxRecords, moves], [id, to])
    if (reply === 1) return 'reserved'
    return reply === 0 ? 'elsewhere' : 'full'
  }

  async endMove(id: string): Promise<boolean> {
    const { hosts, hostRecords, hostTaken, moves } = this.#keys
    return (await this.#run(scripts.endMove, [hosts, hostRecords, hostTaken, moves], [id])) === 1
  }

  async moves(): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await answered(this.#client.hgetall(this.#keys.moves))))
  }

  async rehost(id: string, from: string, to: string, port: number): Promise<RehostOutcome> {
    const { hosts, hostRecords, hostTaken, ports, sandboxRecords, moves } = this.#keys
    const reply = await this.#run(
      scripts.rehost,
      [hosts, hostRecords, hostTaken, ports, sandboxRecords, moves],
      [id, from, to, port],
    )
    if (reply === 1) return 'moved'
    return reply === 0 ? 'elsewhere' : 'notHeld'
  }

  async rename(id: string, name: string): Promise<'renamed' | 'nameTaken' | 'unknown'> {
    const { sandboxRecords, sandboxNames } = this.#keys
    const reply = await this.#run(scripts.rename, [sandboxRecords, sandboxNames], [id, word(name)])
    if (reply === 1) return 'renamed'
    return reply === 0 ? 'unknown' : 'nameTaken'
  }

  async setExpiry(id: string, expiresAt: number): Promise<Sandbox | undefined> {
    const reply = await this.#run(scripts.setExpiry, [this.#keys.sandboxRecords], [id, expiresAt])
    return reply === null ? undefined : decodeSandbox(id, reply as string)
  }

  async beginDelete(id: string): Promise<Sandbox | undefined> {
    const reply = await this.#run(scripts.beginDelete, [this.#keys.sandboxRecords, this.#keys.ports], [id])
    return reply === null ? undefined : decodeSandbox(id, reply as string)
  }

  async remove(id: string, mayReturn = false): Promise<boolean> {
    const { hosts, hostRecords, hostTaken, ports, sandboxRecords, sandboxNames, events, sandboxDeleted, moves } =
      this.#keys
    const keys = [hosts, hostRecords, hostTaken, ports, sandboxRecords, sandboxNames, events(id), sandboxDeleted, moves]
    return (
      (await this.#run(scripts.release, keys, [id, STORY_LAPSES_AFTER_MS, TOMBSTONE_KEPT_MS, mayReturn ? 1 : 0])) === 1
    )
  }

  async deletedAmong(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return []
    return (await this.#run(scripts.deletedAmong, [this.#keys.sandboxDeleted], [TOMBSTONE_KEPT_MS, ...ids])) as string[]
  }

  async find(idOrName: string): Promise<Sandbox | undefined> {
    const { sandboxRecords, sandboxNames } = this.#keys
    const reply = await this.#run(scripts.find, [sandboxRecords, sandboxNames], [idOrName, word(idOrName)])
    return reply === null ? undefined : decodeSandbox(...(reply as [string, string]))
  }

  /** Each sandbox is as it was at one moment of the call; one that came or went meanwhile may be in it or not. */
  async list(): Promise<Sandbox[]> {
    const found = new Map<string, Sandbox>()
    let cursor = '0'
    do {
      const page = await answered(this.#client.hscan(this.#keys.sandboxRecords, cursor, 'COUNT', PAGE))
      cursor = page[0]
      for (let index = 0; index < page[1].length; index += 2) {
        const [id = '', record = ''] = page[1].slice(index, index + 2)
        found.set(id, decodeSandbox(id, record))
      }
    } while (cursor !== '0')
    return [...found.values()].sort(byAge)
  }

  async register(host: NewHost): Promise<Host> {
    const args = [host.address, host.capacity, encodeHostRest(host)]
    return decodeHost(await this.#run(scripts.register, this.#hostKeys, args))
  }

  async beat(address: string, load?: HostLoad): Promise<boolean> {
    const told = load ? [load.pressure ?? NO_PRESSURE, JSON.stringify(load)] : [NO_PRESSURE, '']
    return (await this.#run(scripts.beat, this.#hostKeys, [address, ...told])) === 1
  }

  async markSilent(silentAfterMs: number, lostAfterMs: number): Promise<string[]> {
    const { hosts, hostRecords, hostBeats } = this.#keys
    const newly = await this.#run(scripts.markSilent, [hosts, hostRecords, hostBeats], [silentAfterMs, lostAfterMs])
    return (newly as string[]).sort()
  }

  async setDraining(address: string, draining: boolean): Promise<Host | undefined> {
    const reply = await this.#run(scripts.drain, this.#hostKeys, [address, draining ? 1 : 0])
    return reply === null ? undefined : decodeHost(reply)
  }

  async drainInTurn(address: string, lease: string, fence: number, onlyEmpty: boolean): Promise<Host | undefined> {
    const keys = [...this.#hostKeys, this.#keys.lease(lease)]
    const reply = await this.#run(scripts.drainInTurn, keys, [address, fence, onlyEmpty ? 1 : 0])
    return reply === null ? undefined : decodeHost(reply)
  }

  async removeHost(address: string): Promise<'removed' | 'unknown' | 'inUse'> {
    const reply = await this.#run(scripts.removeHost, this.#hostKeys, [address])
    if (reply === 1) return 'removed'
    return reply === 0 ? 'unknown' : 'inUse'
  }

  async findHost(address: string): Promise<Host | undefined> {
    const reply = await this.#run(scripts.findHost, this.#hostKeys.slice(1), [address])
    return reply === null ? undefined : decodeHost(reply)
  }

  async listHosts(): Promise<Host[]> {
    const found = new Map<string, Host>()
    let cursor = '0'
    do {
      const reply = await this.#run(scripts.listHosts, this.#hostKeys.slice(1), [cursor, PAGE])
      const [next, hosts] = reply as [string, Reply[]]
      for (const host of hosts.map(decodeHost)) found.set(host.address, host)
      cursor = next
    } while (cursor !== '0')
    return [...found.values()].sort((a, b) => compare(a.address, b.address))
  }

  async record(id: string, event: string, data: Record<string, unknown>): Promise<void> {
    const { sandboxRecords, events, feed } = this.#keys
    const args = [id, JSON.stringify({ event, data }), EVENTS_KEPT, STORY_LAPSES_AFTER_MS, FEED_KEPT]
    await this.#run(scripts.record, [sandboxRecords, events(id), feed], args)
  }

  async events(id: string): Promise<SandboxEvent[]> {
    return (await answered(this.#client.lrange(this.#keys.events(id), 0, -1))).map(decodeEvent)
  }

  async feed(afterId: string, limit: number): Promise<FeedPage> {
    const key = this.#keys.feed
    const [entries, [oldest]] = await answered(
      Promise.all([
        this.#client.xrange(key, `(${afterId}`, '+', 'COUNT', limit),
        this.#client.xrange(key, '-', '+', 'COUNT', 1),
      ]),
    )
    return { events: entries.map(decodeFeedEvent), missed: oldest !== undefined && wasCutOff(afterId, oldest[0]) }
  }

  async feedEnd(): Promise<string> {
    const [newest] = await answered(this.#client.xrevrange(this.#keys.feed, '+', '-', 'COUNT', 1))
    return newest?.[0] ?? '0'
  }

  async bookmark(name: string): Promise<string | undefined> {
    return (await answered(this.#client.hget(this.#keys.bookmarks, name))) ?? undefined
  }

  async setBookmark(name: string, text: string): Promise<void> {
    await answered(this.#client.hset(this.#keys.bookmarks, name, text))
  }

  async beginOnce(key: string, fingerprint: string): Promise<IdempotencyAnswer> {
    const args = [fingerprint, CLAIM_LAPSES_AFTER_MS]
    const [code, answer] = (await this.#run(scripts.beginOnce, [this.#keys.once(key)], args)) as [number, string]
    if (code === 1) return { outcome: 'begun' }
    if (code === 2) return { outcome: 'underWay' }
    return code === 3 ? { outcome: 'done', answer } : { outcome: 'mismatch' }
  }

  async finishOnce(key: string, answer: string): Promise<void> {
    await this.#run(scripts.finishOnce, [this.#keys.once(key)], [answer, ANSWER_KEPT_MS])
  }

  async abandonOnce(key: string): Promise<void> {
    await this.#run(scripts.abandonOnce, [this.#keys.once(key)])
  }

  async lease(name: string, holder: string, ttlMs: number): Promise<{ fence: number } | undefined> {
    const reply = await this.#run(scripts.lease, [this.#keys.lease(name)], [holder, ttlMs])
    return reply === null ? undefined : { fence: Number(reply) }
  }

  async endLease(name: string, holder: string): Promise<boolean> {
    return (await this.#run(scripts.endLease, [this.#keys.lease(name)], [holder])) === 1
  }

  async settings(person: string): Promise<KeptSettings> {
    return decodeSettings(Object.entries(await answered(this.#client.hgetall(this.#keys.settings(person)))))
  }

  async changeSettings(person: string, changes: KeptSettings): Promise<SettingsAnswer> {
    const args = Object.entries(changes).flatMap(([name, { value, at }]) => [name, at, JSON.stringify(value)])
    const reply = await this.#run(
      scripts.changeSettings,
      [this.#keys.settings(person)],
      [SETTINGS_LIMIT_BYTES, ...args],
    )
    if (reply === null) return { outcome: 'tooLarge' }
    const flat = reply as string[]
    const pairs = flat.flatMap((name, index) => (index % 2 ? [] : [[name, flat[index + 1] ?? ''] as const]))
    return { outcome: 'kept', settings: decodeSettings(pairs) }
  }

  ping(): Promise<void> {
    return ping(this.#client, this.#keys.ping)
  }

  /** Waits a moment for what is under way; a server that is away does not hold it up. */
  async close(): Promise<void> {
    await this.#client.quit().catch(() => this.#client.disconnect())
  }

  #run(script: Script, keys: readonly string[], args: readonly (string | number)[] = []): Promise<Reply> {
    return script.run(this.#client, keys, args)
  }
}
