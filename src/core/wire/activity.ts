import { type Static, Type } from 'typebox'

/** Between a manager and the worker of a sandbox: does anything happen in it, and may it sleep? PROTOCOL.md 4.9 and 6. */

const strict = { additionalProperties: false }
/** What becomes of a sandbox in which nothing happens: frozen, or without processes. */
const Rest = Type.Union([Type.Literal('asleep'), Type.Literal('stopped')])
export type Rest = Static<typeof Rest>

/** What a person or a program did; PROTOCOL.md says what each takes in. */
export const activityKinds = [
  'start',
  'visit',
  'edit',
  'keys',
  'operation',
  'person',
  'keep',
  'output',
  'program',
  'preview',
  'exec',
  'upload',
  'download',
] as const
export type ActivityKind = (typeof activityKinds)[number]

/** The answer to `GET /_omega/activity`. */
export const ActivityReport = Type.Object({
  /** Milliseconds since the last activity; 0 while some is under way. */
  idleMs: Type.Integer({ minimum: 0 }),
  last: Type.Object({
    kind: Type.Unsafe<ActivityKind>({ type: 'string', enum: [...activityKinds] }),
    /** Milliseconds since 1970. */
    at: Type.Integer(),
  }),
  /** How many people are connected, whether they do something or not. */
  people: Type.Integer({ minimum: 0 }),
  /** When a person last asked to keep the sandbox as it is, ms since 1970; absent: never. */
  keptAt: Type.Optional(Type.Integer()),
})
export type ActivityReport = Static<typeof ActivityReport>

/** `POST /_omega/warn`: what becomes of the sandbox in so many milliseconds, unless somebody does something. */
export const SleepWarning = Type.Object(
  {
    inMs: Type.Integer({ minimum: 0, maximum: 30 * 24 * 3_600_000 }),
    then: Type.Union([Rest, Type.Literal('deleted')]),
  },
  strict,
)
export type SleepWarning = Static<typeof SleepWarning>

/** `POST /_omega/sleep`: texts to the disk, pages told. */
export const SleepRequest = Type.Object(
  {
    then: Rest,
    /** Refused with 409 when there was activity within so many milliseconds. */
    unlessActiveWithinMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  strict,
)
export type SleepRequest = Static<typeof SleepRequest>

/** The answer to `POST /_omega/sleep`. */
export const SleepAnswer = Type.Object({ idleMs: Type.Integer({ minimum: 0 }) })

/** `POST /_omega/renamed`. */
export const Renamed = Type.Object({ name: Type.String({ minLength: 1, maxLength: 63 }) }, strict)
