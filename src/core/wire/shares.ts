import { type Static, Type } from 'typebox'
import { strict } from './operations/fields.ts'

/**
 * Links that let people in without an account: `POST|GET /_omega/shares` and `DELETE /_omega/shares/ID` of a worker, the
 * same below `/v1/sandboxes/{id}/shares` of the master. Times are ISO 8601 in UTC.
 */

const access = Type.Union([Type.Literal('edit'), Type.Literal('look'), Type.Literal('preview')])
const port = Type.Integer({ minimum: 1, maximum: 65_535 })

/** The longest life of a link that has an end; one year. */
export const MAX_SHARE_SECONDS = 366 * 86_400

export const ShareRequest = Type.Object(
  {
    access: Type.Optional(
      Type.Union([Type.Literal('edit'), Type.Literal('look')], {
        description: 'edit: everything, running commands too. look: see everything, change nothing (the default).',
      }),
    ),
    port: Type.Optional(
      Type.Integer({ ...port, description: 'Only the preview of this port, and nothing of the sandbox itself.' }),
    ),
    path: Type.Optional(Type.String({ maxLength: 2048, description: 'Where the link leads; `/` if absent.' })),
    expiresIn: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_SHARE_SECONDS, description: 'Seconds; absent: until it is revoked.' }),
    ),
  },
  strict,
)
export type ShareRequest = Static<typeof ShareRequest>

export const ShareView = Type.Object({
  id: Type.String(),
  access,
  port: Type.Optional(port),
  createdAt: Type.String({ format: 'date-time' }),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Absent: until it is revoked.' })),
  here: Type.Integer({ description: 'Pages of the IDE that are open now by this link.' }),
  grants: Type.String({ description: 'What it lets people do, in words.' }),
})
export type ShareView = Static<typeof ShareView>

export const CreatedShare = Type.Object({
  ...ShareView.properties,
  url: Type.String({ description: 'The link. It is told once; the worker keeps only a hash of its secret.' }),
})
export type CreatedShare = Static<typeof CreatedShare>

export const ShareList = Type.Object({ shares: Type.Array(ShareView) })
export type ShareList = Static<typeof ShareList>

export const RevokedShares = Type.Object({
  revoked: Type.Array(Type.String(), { description: 'It, and the links that people made who came by it.' }),
})
export type RevokedShares = Static<typeof RevokedShares>
