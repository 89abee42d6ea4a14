import { Type } from 'typebox'
import { ContainerStatus } from '../container.ts'

/**
 * Master and manager. The manager serves `PUT|GET|DELETE /v1/containers/{sandboxId}`, `GET /v1/containers` and
 * `GET /v1/containers/{sandboxId}/logs`; the master serves `POST /v1/hosts` and `POST /v1/hosts/{address}/beat`.
 */
export const ContainerList = Type.Object({ containers: Type.Array(ContainerStatus) })

/** The master's answer to a registration: the key with which it will sign its calls to this manager. */
export const Registered = Type.Object({ hostKey: Type.String() })
