import { OmegaError } from '../errors.ts'
import { RecordType, type Rrset, type RrsetBody } from '../wire/dns.ts'
import { absoluteName, checkOwner } from './domain-name.ts'
import { formatRecord, parseRecord } from './presentation.ts'
import type { Requirement, RrsetChange } from './record-store.ts'
import type { Zone } from './zone.ts'

const types = RecordType.anyOf.map((schema) => schema.const)

/** Checks the type of a request; INVALID_REQUEST lists those there are. */
export function checkType(type: string): RecordType {
  const known = types.find((name) => name === type.toUpperCase())
  if (known) return known
  throw new OmegaError(
    'INVALID_REQUEST',
    `There are no records of type ${JSON.stringify(type.slice(0, 40))} here. Types are ${types.join(', ')}.`,
  )
}

/**
 * Checks where an RRset shall be written and gives its name relative to the zone. SOA and NS of the apex and everything
 * at the zone's own name servers come from the configuration; a CNAME cannot be at the apex, which has others.
 */
export function checkPlace(zone: Zone, name: string, type: RecordType): string {
  const relative = checkOwner(name, zone.domain)
  if (zone.isFixed(absoluteName(relative, zone.domain), type)) {
    throw new OmegaError(
      'FORBIDDEN',
      `${relative} ${type} comes from the name servers this zone was configured with and cannot be written. Change the configuration of the dns role.`,
    )
  }
  if (type === 'CNAME' && relative === '@') {
    throw new OmegaError(
      'INVALID_REQUEST',
      `A CNAME cannot be at the apex of ${zone.domain}, beside SOA and NS (RFC 1034, 3.6.2). Use A and AAAA.`,
    )
  }
  if (type === 'NS' && relative.startsWith('*')) {
    throw new OmegaError('INVALID_REQUEST', `${relative} cannot be delegated: NS at a wildcard has no meaning.`)
  }
  return relative
}

/** Characters of all records of a set, which must fit into one message of 64 KiB with room to spare. */
const largestSet = 16_384

/** Checks an RRset's records and gives it in canonical form. */
export function checkRrset(name: string, type: RecordType, body: RrsetBody): Rrset {
  const records = body.records.map((text, index) => {
    try {
      return formatRecord(parseRecord(type, text))
    } catch (error) {
      if (!(error instanceof OmegaError)) throw error
      throw new OmegaError(error.code, error.message, { pointer: `/records/${index}` })
    }
  })
  if (new Set(records).size < records.length) {
    throw new OmegaError('INVALID_REQUEST', 'The same record is there twice. Records of a set are all different.', {
      pointer: '/records',
    })
  }
  const size = records.reduce((sum, text) => sum + text.length, 0)
  if (size > largestSet) {
    throw new OmegaError(
      'TOO_LARGE',
      `The records have ${size} characters; those of a set have at most ${largestSet}.`,
      {
        pointer: '/records',
      },
    )
  }
  if (type === 'CNAME' && records.length > 1) {
    throw new OmegaError('INVALID_REQUEST', `${records.length} CNAMEs were given. A name has at most one.`, {
      pointer: '/records',
    })
  }
  const owner = body.owner === undefined ? {} : { owner: body.owner }
  return { name, type, ttl: body.ttl, records, ...owner }
}

/**
 * What must be absent for a batch to leave every CNAME alone at its name (RFC 1034, 3.6.2). INVALID_REQUEST if the
 * batch contradicts itself. The index of a change is that in `changes`.
 */
export function requireCnameAlone(changes: readonly RrsetChange[]): Requirement[] {
  const byName = new Map<string, RrsetChange[]>()
  for (const change of changes) byName.set(change.name, [...(byName.get(change.name) ?? []), change])
  const requirements: Requirement[] = []
  for (const [name, ofName] of byName) {
    const written = ofName.filter(({ rrset }) => rrset).map(({ type }) => type)
    if (new Set(ofName.map(({ type }) => type)).size < ofName.length) {
      throw new OmegaError('INVALID_REQUEST', `${name} has two changes of one type in the batch. Send one for each.`)
    }
    if (!written.includes('CNAME')) {
      if (written.length > 0 && !ofName.some(({ type }) => type === 'CNAME')) {
        requirements.push({ name, type: 'CNAME', is: 'absent' })
      }
      continue
    }
    if (written.length > 1) throw cnameBesideOthers(name)
    const untouched = types.filter((type) => !ofName.some((change) => change.type === type))
    requirements.push(...untouched.map((type): Requirement => ({ name, type, is: 'absent' })))
  }
  return requirements
}

export function cnameBesideOthers(name: string): OmegaError {
  return new OmegaError(
    'CONFLICT',
    `${name} would have a CNAME beside other records. A CNAME is alone at its name (RFC 1034, 3.6.2); delete the others, or the CNAME, first.`,
  )
}
