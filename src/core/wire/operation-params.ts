import { type TSchema, Type } from 'typebox'
import { documentsParams } from './operations/documents.ts'
import { strict } from './operations/fields.ts'
import { filesParams } from './operations/files.ts'
import { gitParams } from './operations/git.ts'
import { languageParams } from './operations/language.ts'
import { peopleParams } from './operations/people.ts'
import { portsParams } from './operations/ports.ts'
import { sandboxParams } from './operations/sandbox.ts'
import { searchParams } from './operations/search.ts'
import { terminalsParams } from './operations/terminals.ts'
import type { Operation } from './operations.ts'

/** The parameters of every operation as schemas; apart from operations.ts so that the page need not carry them. */
export const operationParams: Record<Operation, TSchema> = {
  ...documentsParams,
  ...filesParams,
  ...languageParams,
  ...peopleParams,
  ...portsParams,
  ...gitParams,
  ...sandboxParams,
  ...searchParams,
  ...terminalsParams,
}

/** What a control message of the page looks like before its operation is known. */
export const RequestEnvelope = Type.Object(
  {
    id: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    op: Type.String({ maxLength: 64 }),
    params: Type.Unknown(),
  },
  strict,
)

/** The JSON of an OPEN message. */
export const OpeningSchema = Type.Object(
  {
    session: Type.Optional(Type.String({ maxLength: 64 })),
    received: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
  },
  strict,
)
