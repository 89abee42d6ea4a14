import { type Static, Type } from 'typebox'

/**
 * The dns role's HTTP API: an RRset is the resource (as at deSEC and Google Cloud DNS). `PUT` replaces it, `DELETE`
 * removes it, `GET` reads it, at `/v1/zones/{zone}/rrsets/{name}/{type}`; `@` names the apex. `GET /v1/zones/{zone}/rrsets`
 * lists them, `PATCH` there takes an array, all or nothing. An answer means stored and answerable.
 */
export const RecordType = Type.Union([
  Type.Literal('A'),
  Type.Literal('AAAA'),
  Type.Literal('CNAME'),
  Type.Literal('TXT'),
  Type.Literal('MX'),
  Type.Literal('CAA'),
  Type.Literal('NS'),
  Type.Literal('SRV'),
])
export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'MX' | 'CAA' | 'NS' | 'SRV'

export const RrsetBody = Type.Object(
  {
    /** Seconds. */
    ttl: Type.Integer({ minimum: 0, maximum: 86_400 }),
    /** Presentation form, as in a zone file. */
    records: Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 100 }),
    /** Who keeps it; the master removes only what it owns. */
    owner: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
)
export type RrsetBody = Static<typeof RrsetBody>

export const Rrset = Type.Object({
  /** Relative to the zone; `@` for its apex. */
  name: Type.String(),
  type: RecordType,
  ttl: Type.Integer(),
  records: Type.Array(Type.String()),
  owner: Type.Optional(Type.String()),
})
export interface Rrset {
  name: string
  type: RecordType
  ttl: number
  records: string[]
  owner?: string
}

export const RrsetList = Type.Object({ serial: Type.Integer(), rrsets: Type.Array(Rrset) })
export const RrsetSaved = Type.Object({ serial: Type.Integer() })

/** One change of a `PATCH`: the RRset as it shall be; no records take it away, whether it is there or not. */
export const RrsetPatch = Type.Object(
  {
    name: Type.String({ maxLength: 255 }),
    type: Type.String({ maxLength: 40 }),
    ttl: Type.Optional(RrsetBody.properties.ttl),
    records: Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 100 }),
    owner: RrsetBody.properties.owner,
  },
  { additionalProperties: false },
)
export type RrsetPatch = Static<typeof RrsetPatch>
export const RrsetPatches = Type.Array(RrsetPatch, { minItems: 1, maxItems: 1000 })

export const ZoneList = Type.Object({
  zones: Type.Array(Type.Object({ name: Type.String(), serial: Type.Integer(), rrsets: Type.Integer() })),
})
