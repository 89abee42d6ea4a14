import { type Static, Type } from 'typebox'

/**
 * ready      takes sandboxes
 * pressured  takes no new ones until it has memory, disk and time again: so it says itself
 * draining   takes no new ones, by an operator's word
 * silent     has not been heard of for SILENT_AFTER_MS; takes no new ones until it is heard again
 * lost       has not been heard of for LOST_AFTER_MS; its places are given up, its sandboxes are not
 */
export const HostState = Type.Union([
  Type.Literal('ready'),
  Type.Literal('pressured'),
  Type.Literal('draining'),
  Type.Literal('silent'),
  Type.Literal('lost'),
])
export type HostState = Static<typeof HostState>

/** Nobody hears of it. */
export const isAway = (state: HostState): boolean => state === 'silent' || state === 'lost'

/** A manager reports this often. */
export const BEAT_EVERY_MS = 5_000
/** Three lost beats and some slack: long enough for a restart, short enough that nobody waits long for a dead host. */
export const SILENT_AFTER_MS = 20_000
/** Whatever that was, it was no restart: others take its place. */
export const LOST_AFTER_MS = 60_000

/** What a host has too little of. */
export const Pressure = Type.Union([Type.Literal('memory'), Type.Literal('disk'), Type.Literal('load')])
export type Pressure = Static<typeof Pressure>

/** What a manager says of its machine with each beat. */
export const HostLoad = Type.Object(
  {
    /** Shares in use, 0 to 1. */
    memory: Type.Number({ minimum: 0, maximum: 1 }),
    disk: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Processes that run or want to, per processor, over the last minute. */
    load: Type.Number({ minimum: 0, maximum: 1_000_000 }),
    /** Absent while it can take more. */
    pressure: Type.Optional(Pressure),
    /** When its provider takes the machine back, milliseconds since the epoch; absent while it does not. */
    leavesAt: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)
export type HostLoad = Static<typeof HostLoad>

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
  /** As of its last beat. */
  load: Type.Optional(HostLoad),
})
export type Host = Static<typeof Host>
