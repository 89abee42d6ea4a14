import { type Static, Type } from 'typebox'
import { ContainerRequest, ContainerStatus } from '../container.ts'
import { HostLoad } from '../host.ts'
import { Snapshot } from '../snapshot.ts'

const snapshotName = Type.String({ minLength: 1, maxLength: 63 })

/**
 * Master and manager. The manager serves `PUT|GET|DELETE /v1/containers/{sandboxId}`, `GET /v1/containers`,
 * `GET /v1/containers/{sandboxId}/logs?tail=N`, `POST /v1/containers/{sandboxId}/{stop,start,freeze,rename,fork}`, and
 * `POST .../leave`, `GET .../archive`, `PUT .../archive`, `POST .../arrive?port=N`, `POST .../stay` (a move),
 * `GET|POST /v1/containers/{sandboxId}/snapshots`, `DELETE .../snapshots/{snapshot}`, `POST .../snapshots/{snapshot}/restore`;
 * the master serves `POST /v1/hosts` and `POST /v1/hosts/{address}/beat`.
 */
export const ContainerList = Type.Object({ containers: Type.Array(ContainerStatus) })

/** The path of one container. */
export const ContainerParams = Type.Object({ sandboxId: ContainerRequest.properties.sandboxId })

/** `POST .../rename` */
export const RenameContainer = Type.Object({ name: ContainerRequest.properties.name }, { additionalProperties: false })

/** `POST .../fork?snapshot=S`: the files of a snapshot, by id or name, instead of those of now. */
export const ForkQuery = Type.Object({ snapshot: Type.Optional(snapshotName) }, { additionalProperties: false })

/** `POST .../arrive`: the host port it had, to be the same here if that is free. */
export const ArriveQuery = Type.Object(
  { port: Type.Integer({ minimum: 1, maximum: 65_535 }) },
  { additionalProperties: false },
)

/** `POST .../snapshots` */
export const TakeSnapshot = Type.Object({ name: Type.Optional(snapshotName) }, { additionalProperties: false })

export const SnapshotList = Type.Object({ snapshots: Type.Array(Snapshot) })

/** The path of one snapshot, by id or name. */
export const SnapshotParams = Type.Object({ ...ContainerParams.properties, snapshot: snapshotName })

/** How much of a log is wanted: its last lines, text/plain. */
export const LogsQuery = Type.Object(
  { tail: Type.Integer({ minimum: 1, maximum: 10_000, default: 200 }) },
  { additionalProperties: false },
)

/**
 * The master's answer to a registration: the key with which it will sign its calls to this manager, and the zone, so
 * that containers can be made ready before anybody asks.
 */
export const Registered = Type.Object({ hostKey: Type.String(), domain: Type.Optional(Type.String()) })
export type Registered = Static<typeof Registered>

/** A sandbox whose end was announced, and whose people want it kept, lives this much longer. */
export const KEPT_FOR_MS = 24 * 3_600_000

/** What became of a sandbox, and why. `kept`: a person asked on its page that it not be deleted, at this time. */
export const StateChange = Type.Object(
  {
    sandboxId: ContainerRequest.properties.sandboxId,
    state: Type.Union([
      Type.Literal('running'),
      Type.Literal('asleep'),
      Type.Literal('stopped'),
      Type.Literal('gone'),
      Type.Literal('kept'),
    ]),
    /** `idle`, `visit`, `asked`, `page`, `memory`, `ended`, ... */
    cause: Type.String({ maxLength: 200 }),
    /** Milliseconds since the epoch by the manager's clock. */
    at: Type.Integer(),
  },
  { additionalProperties: false },
)
export type StateChange = Static<typeof StateChange>

/** The body of a beat: how the host is, and what changed since the last one that was answered. A repeat does no harm. */
export const Beat = Type.Object(
  { load: Type.Optional(HostLoad), changes: Type.Optional(Type.Array(StateChange, { maxItems: 1_000 })) },
  { additionalProperties: false },
)
export type Beat = Static<typeof Beat>
