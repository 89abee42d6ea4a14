import { type Static, Type } from 'typebox'
import { strict } from './operations/fields.ts'

/** `POST /_omega/preview-link`: a link that opens a port of the sandbox in a frame or tab, once. */
export const PreviewLinkRequest = Type.Object(
  { port: Type.Integer({ minimum: 1, maximum: 65_535 }), path: Type.Optional(Type.String({ maxLength: 4096 })) },
  strict,
)
export const PreviewLink = Type.Object({ url: Type.String() })
export type PreviewLink = Static<typeof PreviewLink>
