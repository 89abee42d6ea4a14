import { type Static, Type } from 'typebox'

/**
 * ready     takes sandboxes
 * draining  takes no new ones, by an operator's word
 * silent    has not been heard of for SILENT_AFTER_MS; takes no new ones until it is heard again
 */
export const HostState = Type.Union([Type.Literal('ready'), Type.Literal('draining'), Type.Literal('silent')])
export type HostState = Static<typeof HostState>

/** A manager reports this often. */
export const BEAT_EVERY_MS = 5_000
/** Three lost beats and some slack: long enough for a restart, short enough that nobody waits long for a dead host. */
export const SILENT_AFTER_MS = 20_000

/** What a manager says of its host when it registers. */
export const NewHost = Type.Object(
  {
    /** The address browsers reach its sandboxes at; the member of the sorted set and the A record's data. */
    address: Type.String({ pattern: '^[0-9a-fA-F.:]{2,45}$' }),
    /** Where the master reaches the manager's API. */
    apiUrl: Type.String({ pattern: '^https?://', maxLength: 300 }),
    /** How many sandboxes it may hold at once. */
    capacity: Type.Integer({ minimum: 0, maximum: 100_000 }),
    runtime: Type.Union([Type.Literal('docker'), Type.Literal('process')]),
    version: Type.String({ maxLength: 100 }),
  },
  { additionalProperties: false },
)
export type NewHost = Static<typeof NewHost>

export const Host = Type.Object({
  ...NewHost.properties,
  state: HostState,
  /** How many sandboxes hold a slot of it now. */
  containers: Type.Integer(),
  registeredAt: Type.Integer(),
  lastBeatAt: Type.Integer(),
})
export type Host = Static<typeof Host>
