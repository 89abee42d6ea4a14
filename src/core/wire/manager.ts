import { Type } from 'typebox'
import { ContainerRequest, ContainerStatus } from '../container.ts'

/**
 * Master and manager. The manager serves `PUT|GET|DELETE /v1/containers/{sandboxId}`, `GET /v1/containers` and
 * `GET /v1/containers/{sandboxId}/logs?tail=N`; the master serves `POST /v1/hosts` and `POST /v1/hosts/{address}/beat`.
 */
export const ContainerList = Type.Object({ containers: Type.Array(ContainerStatus) })

/** The path of one container. */
export const ContainerParams = Type.Object({ sandboxId: ContainerRequest.properties.sandboxId })

/** How much of a log is wanted: its last lines, text/plain. */
export const LogsQuery = Type.Object(
  { tail: Type.Integer({ minimum: 1, maximum: 10_000, default: 200 }) },
  { additionalProperties: false },
)

/** The master's answer to a registration: the key with which it will sign its calls to this manager. */
export const Registered = Type.Object({ hostKey: Type.String() })
