import type { RecordType } from '../wire/dns.ts'
import type { RecordBatch, StoredRrset, ZoneContent, ZoneUpdate, ZoneWatcher } from './record-store.ts'

/** A zone's RRsets by name and type, in memory: what stores keep and readers look at. */
export class RecordTable implements ZoneWatcher {
  #rrsets = new Map<string, StoredRrset>()
  #serial = 0

  /** Of the last update. */
  get serial(): number {
    return this.#serial
  }

  get size(): number {
    return this.#rrsets.size
  }

  get(name: string, type: RecordType): StoredRrset | undefined {
    return this.#rrsets.get(keyOf(name, type))
  }

  /** Everything, ordered by name and type. */
  content(): ZoneContent {
    const rrsets = [...this.#rrsets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rrset]) => rrset)
    return { serial: this.#serial, rrsets }
  }

  reset(content: ZoneContent): void {
    this.#serial = content.serial
    this.#rrsets = new Map(content.rrsets.map((rrset) => [keyOf(rrset.name, rrset.type), rrset]))
  }

  /** The index of the first requirement that does not hold, or undefined when all do. */
  firstUnmet({ requirements }: RecordBatch): number | undefined {
    const index = requirements.findIndex(({ name, type, is }) => {
      const serial = this.get(name, type)?.serial
      if (is === 'absent') return serial !== undefined
      return is === 'present' ? serial === undefined : serial !== is
    })
    return index === -1 ? undefined : index
  }

  update({ serial, changes }: ZoneUpdate): void {
    this.#serial = serial
    for (const { name, type, rrset } of changes) {
      if (rrset) this.#rrsets.set(keyOf(name, type), { ...rrset, serial })
      else this.#rrsets.delete(keyOf(name, type))
    }
  }
}

function keyOf(name: string, type: RecordType): string {
  return `${name} ${type}`
}
