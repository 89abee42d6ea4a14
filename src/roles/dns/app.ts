import { Type } from 'typebox'
import { checkType } from '../../core/dns/check-batch.ts'
import { checkOwner } from '../../core/dns/domain-name.ts'
import type { RecordStore } from '../../core/dns/record-store.ts'
import type { Zone } from '../../core/dns/zone.ts'
import { OmegaError } from '../../core/errors.ts'
import { Rrset, RrsetBody, RrsetList, RrsetPatches, RrsetSaved, ZoneList } from '../../core/wire/dns.ts'
import { bearerOf, sameSecret } from '../../drivers/credentials.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import { type Condition, type RecordWriter, recordNotFound } from './record-writer.ts'

export interface DnsParts {
  zone: Zone
  store: RecordStore
  writer: RecordWriter
  token: string
}

const ZonePath = Type.Object({ zone: Type.String() })
const RrsetPath = Type.Object({ zone: Type.String(), name: Type.String(), type: Type.String() })
const Filter = Type.Object({
  name: Type.Optional(Type.String()),
  type: Type.Optional(Type.String()),
  owner: Type.Optional(Type.String()),
})

/** What anybody may ask; every other route, and one forgotten here, needs the token. */
const open = new Set(['/healthz', '/readyz', '/metrics'])

/** The routes for updates and what guards them. */
export function addRoutes(app: WebApp, { zone, store, writer, token }: DnsParts): void {
  app.addHook('onRequest', async (request) => {
    if (request.headers.origin !== undefined) {
      throw new OmegaError('FORBIDDEN', 'Web pages may not use this API: it is for programs, which send no Origin.')
    }
    // By the route found and not by the path sent, of which there are many spellings (`/%761/zones`).
    if (request.routeOptions.url !== undefined && open.has(request.routeOptions.url)) return
    const given = bearerOf(request.headers.authorization)
    if (given === undefined || !sameSecret(given, token)) {
      throw new OmegaError('UNAUTHENTICATED', 'The token is missing or wrong. Send Authorization: Bearer TOKEN.')
    }
  })

  app.get('/v1/zones', { schema: { response: { 200: ZoneList } } }, () => {
    const { serial, rrsets } = store.list()
    return { zones: [{ name: zone.domain, serial, rrsets: rrsets.length }] }
  })

  app.get(
    '/v1/zones/:zone/rrsets',
    { schema: { params: ZonePath, querystring: Filter, response: { 200: RrsetList } } },
    (request) => {
      checkZone(zone, request.params.zone)
      const { name, type, owner } = request.query
      const wanted = { name: name && checkOwner(name, zone.domain), type: type && checkType(type), owner }
      const { serial, rrsets } = store.list()
      const isWanted = (rrset: Rrset) =>
        (['name', 'type', 'owner'] as const).every((key) => wanted[key] === undefined || rrset[key] === wanted[key])
      return { serial, rrsets: rrsets.filter(isWanted) }
    },
  )

  app.patch(
    '/v1/zones/:zone/rrsets',
    { schema: { params: ZonePath, body: RrsetPatches, response: { 200: RrsetSaved } } },
    async (request) => {
      checkZone(zone, request.params.zone)
      return { serial: await writer.patch(request.body) }
    },
  )

  const path = '/v1/zones/:zone/rrsets/:name/:type'
  app.get(path, { schema: { params: RrsetPath, response: { 200: Rrset } } }, (request, reply) => {
    const { name, type } = request.params
    checkZone(zone, request.params.zone)
    const rrset = store.get(checkOwner(name, zone.domain), checkType(type))
    if (!rrset) throw recordNotFound(name, type)
    reply.header('etag', `"${rrset.serial}"`)
    return rrset
  })

  app.put(
    path,
    { schema: { params: RrsetPath, body: RrsetBody, response: { 200: RrsetSaved } } },
    async (request, reply) => {
      const { name, type } = request.params
      checkZone(zone, request.params.zone)
      const serial = await writer.put(name, type, request.body, conditionOf(request.headers))
      reply.header('etag', `"${serial}"`)
      return { serial }
    },
  )

  app.delete(path, { schema: { params: RrsetPath, response: { 200: RrsetSaved } } }, async (request) => {
    const { name, type } = request.params
    checkZone(zone, request.params.zone)
    return { serial: await writer.remove(name, type, conditionOf(request.headers)) }
  })
}

function checkZone(zone: Zone, name: string): void {
  if (name.toLowerCase().replace(/\.$/, '') === zone.domain) return
  throw new OmegaError('ZONE_NOT_FOUND', `There is no such zone here. The zone of this server is ${zone.domain}.`)
}

/** `If-None-Match: *`, `If-Match: *` and `If-Match: "ETAG"` (RFC 9110, 13.1). */
function conditionOf(headers: { 'if-match'?: string | undefined; 'if-none-match'?: string | undefined }): Condition {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  const serial = /^"(\d{1,15})"$/.exec(match ?? '')?.[1]
  if (match === undefined && noneMatch === undefined) return undefined
  if (match === undefined && noneMatch === '*') return 'absent'
  if (noneMatch === undefined && match === '*') return 'present'
  if (noneMatch === undefined && serial !== undefined) return Number(serial)
  throw new OmegaError(
    'INVALID_REQUEST',
    'A condition is If-None-Match: *, If-Match: * or If-Match: with one ETag of a GET.',
  )
}
