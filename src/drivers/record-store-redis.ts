import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type {
  BatchAnswer,
  RecordBatch,
  RecordStore,
  RrsetChange,
  StoredRrset,
  ZoneContent,
  ZoneWatcher,
} from '../core/dns/record-store.ts'
import { RecordTable } from '../core/dns/record-table.ts'
import { WatchedTable } from '../core/dns/watched-table.ts'
import type { RecordType, Rrset } from '../core/wire/dns.ts'
import applySource from './record-store-apply.lua'
import { answered, ping } from './redis/connection.ts'

/** For how long to wait for the next update before the serial is compared, and after an error, milliseconds. */
const pollMs = 1000
const retryMs = 250
/** Updates read at once. */
const page = 1000

/** Stream entries as Redis gives them: an id, `SERIAL-0`, and `changes` with JSON and `epoch`. */
type Entry = [id: string, fields: string[]]

/** A zone as Redis has it; `epoch` is undefined while nothing was ever written to it, or it was emptied. */
interface KeptContent extends ZoneContent {
  epoch: string | undefined
}

/**
 * A zone's records in Redis, shared by any number of dns servers: a hash of RRsets, the serial, and a stream of the last
 * updates by which the others stay in step. The stream only brings news sooner; whatever is missed, the serial shows. A
 * Redis that was emptied counts its serials anew and may be back at the one that is known: the epoch tells them apart.
 */
export class RedisRecordStore implements RecordStore {
  readonly #client: Redis
  /** Waits for updates, which would hold up every other command on `#client`. */
  readonly #follower: Redis
  readonly #keys: { rrsets: string; serial: string; log: string; epoch: string; probe: string }
  readonly #table = new WatchedTable(new RecordTable())
  #epoch: string | undefined
  #catchingUp: Promise<void> = Promise.resolve()
  #following: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(client: Redis, fleet: string, zone: string) {
    this.#client = client
    this.#follower = client.duplicate()
    this.#follower.on('error', () => {})
    const prefix = `{${fleet}}:dns:${zone}`
    this.#keys = {
      rrsets: `${prefix}:rrsets`,
      serial: `${prefix}:serial`,
      log: `${prefix}:log`,
      epoch: `${prefix}:epoch`,
      probe: `${prefix}:ping`,
    }
  }

  /** Reads the zone and follows it. Rejects with STORE_UNAVAILABLE while Redis does not answer. `client` is not closed. */
  static async open(client: Redis, fleet: string, zone: string): Promise<RedisRecordStore> {
    const store = new RedisRecordStore(client, fleet, zone)
    try {
      await store.#reload()
    } catch (error) {
      await store.close()
      throw error
    }
    store.#following = store.#follow()
    return store
  }

  async apply(batch: RecordBatch): Promise<BatchAnswer> {
    const { changes, requirements } = batch
    const known = this.#table.records.serial
    const args = [
      ...[String(known), randomUUID()],
      String(requirements.length),
      ...requirements.flatMap(({ name, type, is }) => [fieldOf(name, type), String(is)]),
      JSON.stringify(changes),
      ...changes.flatMap(({ name, type, rrset }) => [fieldOf(name, type), rrset ? JSON.stringify(rrset) : '']),
    ]
    const { rrsets, serial: serialKey, log, epoch: epochKey } = this.#keys
    const result = await answered(this.#client.eval(applySource, 4, rrsets, serialKey, log, epochKey, ...args))
    const [applied, number, epoch] = result as [number, number, string]
    if (!applied) return { outcome: 'failed', requirement: number }
    if (epoch !== this.#epoch) await this.#catchUp()
    else if (number === this.#table.records.serial + 1) this.#table.update({ serial: number, changes })
    else if (number !== this.#table.records.serial) await this.#catchUp()
    return { outcome: 'applied', serial: number }
  }

  get(name: string, type: RecordType): StoredRrset | undefined {
    return this.#table.records.get(name, type)
  }

  list(): ZoneContent {
    return this.#table.records.content()
  }

  watch(watcher: ZoneWatcher): () => void {
    return this.#table.watch(watcher)
  }

  ping(): Promise<void> {
    return ping(this.#client, this.#keys.probe)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#follower.disconnect()
    await this.#following
    await this.#catchingUp.catch(() => {})
  }

  async #follow(): Promise<void> {
    let isInDoubt = false
    while (!this.#isClosed) {
      try {
        // A Redis that was away may have lost its last updates and have others under the same serials by now.
        if (isInDoubt) await this.#inTurn(() => this.#reload())
        isInDoubt = false
        await this.#followOnce()
      } catch {
        // The connection says in the log that Redis is away; what is known stays true until it is back.
        isInDoubt = true
        if (!this.#isClosed) await delay(retryMs)
      }
    }
  }

  async #followOnce(): Promise<void> {
    const { log, serial, epoch } = this.#keys
    const from = `${this.#table.records.serial}-0`
    const news = await this.#follower.xread('COUNT', page, 'BLOCK', pollMs, 'STREAMS', log, from)
    const isInStep = news?.[0] ? this.#ingest(news[0][1]) : this.#isAt(await this.#follower.mget(serial, epoch))
    if (!isInStep) await this.#catchUp()
  }

  #isAt([serial, epoch]: (string | null)[]): boolean {
    return Number(serial) === this.#table.records.serial && (epoch ?? undefined) === this.#epoch
  }

  /** Brings the table to what Redis has now. */
  #catchUp(): Promise<void> {
    return this.#inTurn(() => this.#readOn())
  }

  /** One reading at a time, so that an older one never replaces a newer one. */
  #inTurn(read: () => Promise<void>): Promise<void> {
    const next = this.#catchingUp.then(read)
    this.#catchingUp = next.catch(() => {})
    return next
  }

  async #readOn(): Promise<void> {
    const before = this.#table.records.serial
    const { log } = this.#keys
    const entries = await answered(this.#client.xrange(log, `${before + 1}-0`, '+', 'COUNT', page))
    const isCurrent = this.#ingest(entries) && entries.length > 0 && entries.length < page
    if (!isCurrent) await this.#reload()
  }

  /** Applies the updates that come next; those known already are skipped. False if they do not follow what is known. */
  #ingest(entries: Entry[]): boolean {
    for (const [id, fields] of entries) {
      if (fields[3] !== this.#epoch) return false
      const serial = Number.parseInt(id, 10)
      const known = this.#table.records.serial
      if (serial > known + 1) return false
      if (serial === known + 1) this.#table.update({ serial, changes: readChanges(fields[1] ?? '[]') })
    }
    return true
  }

  async #reload(): Promise<void> {
    for (;;) {
      const before = this.#table.records.serial
      const content = await answered(readContent(this.#client, this.#keys))
      // An update that came in while this was read may be newer than it.
      if (this.#table.records.serial !== before) continue
      this.#epoch = content.epoch
      this.#table.reset(content)
      return
    }
  }
}

function fieldOf(name: string, type: RecordType): string {
  return `${name} ${type}`
}

/** JSON has no undefined: an RRset taken away has no `rrset`. */
function readChanges(json: string): RrsetChange[] {
  return (JSON.parse(json) as RrsetChange[]).map(({ name, type, rrset }) => ({ name, type, rrset }))
}

/** Serial and records of the same moment. A command that failed must not pass for an empty zone. */
async function readContent(
  client: Redis,
  keys: { serial: string; rrsets: string; epoch: string },
): Promise<KeptContent> {
  const results = (await client.multi().get(keys.serial).get(keys.epoch).hgetall(keys.rrsets).exec()) ?? []
  const failed = results.find(([error]) => error)?.[0]
  if (failed || results.length < 3) throw failed ?? new Error('the transaction was discarded')
  const [serial, epoch, fields] = results.map(([, value]) => value)
  const rrsets = Object.values(fields as Record<string, string>).map((value) => {
    const space = value.indexOf(' ')
    return { ...(JSON.parse(value.slice(space + 1)) as Rrset), serial: Number(value.slice(0, space)) }
  })
  return { serial: Number(serial ?? 0), rrsets, epoch: (epoch as string | null) ?? undefined }
}
