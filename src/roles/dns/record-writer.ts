import { checkPlace, checkRrset, checkType, cnameBesideOthers, requireCnameAlone } from '../../core/dns/check-batch.ts'
import type { RecordStore, Requirement, RrsetChange } from '../../core/dns/record-store.ts'
import type { Zone } from '../../core/dns/zone.ts'
import { OmegaError } from '../../core/errors.ts'
import type { RrsetBody, RrsetPatch } from '../../core/wire/dns.ts'

/** What the caller believes to be there: nothing, something, or the version with this serial. */
export type Condition = Requirement['is'] | undefined

/** A requirement and what to tell the caller when it does not hold. */
interface Check extends Requirement {
  error: () => OmegaError
}

export interface WriteCounts {
  applied: number
  refused: number
  failed: number
}

/** Checks changes to a zone and writes them. Each gives the zone's new serial once it is stored and answered. */
export class RecordWriter {
  readonly counts: WriteCounts = { applied: 0, refused: 0, failed: 0 }
  readonly #zone: Zone
  readonly #store: RecordStore

  constructor(zone: Zone, store: RecordStore) {
    this.#zone = zone
    this.#store = store
  }

  /** Replaces an RRset. */
  put(name: string, type: string, body: RrsetBody, condition: Condition): Promise<number> {
    return this.#write(() => {
      const change = this.#change(name, type, body)
      return { changes: [change], checks: condition === undefined ? [] : [expected(change, condition)] }
    })
  }

  /** Takes an RRset away; RECORD_NOT_FOUND if it is not there. */
  remove(name: string, type: string, condition: Condition): Promise<number> {
    return this.#write(() => {
      const change = this.#change(name, type, undefined)
      const present: Check = { ...change, is: 'present', error: () => recordNotFound(change.name, change.type) }
      return { changes: [change], checks: condition === undefined ? [present] : [present, expected(change, condition)] }
    })
  }

  /** Makes all changes or none; an error says at which position it was. */
  patch(patches: readonly RrsetPatch[]): Promise<number> {
    return this.#write(() => {
      const changes = patches.map((patch, index) => {
        try {
          return this.#change(patch.name, patch.type, bodyOf(patch))
        } catch (error) {
          if (!(error instanceof OmegaError)) throw error
          const pointer = `/${index}${error.details.pointer ?? ''}`
          throw new OmegaError(error.code, error.message, { ...error.details, pointer })
        }
      })
      return { changes, checks: [] }
    })
  }

  #change(name: string, typeName: string, body: RrsetBody | undefined): RrsetChange {
    const type = checkType(typeName)
    const relative = checkPlace(this.#zone, name, type)
    return { name: relative, type, rrset: body && checkRrset(relative, type, body) }
  }

  async #write(prepare: () => { changes: RrsetChange[]; checks: Check[] }): Promise<number> {
    try {
      const { changes, checks } = prepare()
      const alone = requireCnameAlone(changes)
      const all = [...checks, ...alone.map((it): Check => ({ ...it, error: () => cnameBesideOthers(it.name) }))]
      const requirements = all.map(({ name, type, is }) => ({ name, type, is }))
      const result = await this.#store.apply({ changes, requirements })
      if (result.outcome === 'failed') throw all[result.requirement]?.error() ?? new Error('an unknown requirement')
      this.counts.applied++
      return result.serial
    } catch (error) {
      this.counts[error instanceof OmegaError && error.status < 500 ? 'refused' : 'failed']++
      throw error
    }
  }
}

/** The body of a change, or undefined for one that takes the RRset away. */
function bodyOf({ ttl, records, owner }: RrsetPatch): RrsetBody | undefined {
  if (records.length === 0) return undefined
  if (ttl === undefined) {
    throw new OmegaError('INVALID_REQUEST', 'The change has records and no ttl. Give their time to live in seconds.', {
      pointer: '/ttl',
    })
  }
  return { ttl, records, ...(owner === undefined ? {} : { owner }) }
}

function expected({ name, type }: RrsetChange, is: Requirement['is']): Check {
  const what =
    is === 'absent' ? 'is there already' : is === 'present' ? 'is not there' : 'has changed since, or is gone'
  const error = () =>
    new OmegaError('PRECONDITION_FAILED', `${name} ${type} ${what}. Read it again, then decide what it shall be.`)
  return { name, type, is, error }
}

export function recordNotFound(name: string, type: string): OmegaError {
  return new OmegaError(
    'RECORD_NOT_FOUND',
    `There are no ${type} records at ${name}. List the zone to see what there is.`,
  )
}
