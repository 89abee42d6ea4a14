import { type Static, type TSchema, Type } from 'typebox'
import type { Operation } from './frames.ts'

/** The parameters of each operation of frames.ts, as schemas; apart from it so that the page need not carry them. */

const path = Type.String({ maxLength: 4096 })
const cols = Type.Integer({ minimum: 1, maximum: 1000 })
const rows = Type.Integer({ minimum: 1, maximum: 1000 })
const channel = Type.Integer({ minimum: 1, maximum: 65_535 })
const terminal = Type.String({ maxLength: 64 })
const strict = { additionalProperties: false }
const nothing = Type.Object({}, strict)

export const requestSchemas = {
  hello: nothing,
  'files.list': Type.Object({ path }, strict),
  'files.read': Type.Object({ path }, strict),
  'files.write': Type.Object(
    { path, text: Type.String(), base: Type.Optional(Type.String({ maxLength: 100 })) },
    strict,
  ),
  'files.makeDirectory': Type.Object({ path }, strict),
  'files.rename': Type.Object({ from: path, to: path }, strict),
  'files.remove': Type.Object({ path }, strict),
  'files.watch': Type.Object({ path }, strict),
  'files.unwatch': Type.Object({ path }, strict),
  'terminal.open': Type.Object({ cols, rows }, strict),
  'terminal.attach': Type.Object({ terminal, cols, rows }, strict),
  'terminal.detach': Type.Object({ channel }, strict),
  'terminal.resize': Type.Object({ channel, cols, rows }, strict),
  'terminal.close': Type.Object({ terminal }, strict),
  'app.restart': nothing,
  ping: nothing,
} as const satisfies Record<Operation, TSchema>

/** What a control message of the page looks like before its operation is known. */
export const RequestEnvelope = Type.Object(
  {
    id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    op: Type.String({ maxLength: 64 }),
    params: Type.Unknown(),
  },
  strict,
)

/** `POST /_omega/preview-link`: a link that opens a port of the sandbox in a frame or tab, once. */
export const PreviewLinkRequest = Type.Object(
  { port: Type.Integer({ minimum: 1, maximum: 65_535 }), path: Type.Optional(Type.String({ maxLength: 4096 })) },
  strict,
)
export const PreviewLink = Type.Object({ url: Type.String() })
export type PreviewLink = Static<typeof PreviewLink>
