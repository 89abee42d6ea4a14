import type { ContainerRequest, ContainerStatus } from '../core/container.ts'
import type { Host } from '../core/host.ts'
import { derive } from './credentials.ts'
import { call } from './http-client.ts'

/** How long a manager may take to make or copy a container: image unpacking and a loaded host included. */
const MAKE_TIMEOUT_MS = 60_000

/** The master's side of a manager's API. Every call may be repeated. */
export class ManagerClient {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  /** Makes the sandbox's container, or gives the one that is there; tells its manager the sandbox's token in any case. */
  ensure(host: Host, request: ContainerRequest): Promise<ContainerStatus> {
    return this.#call(host, `/${request.sandboxId}`, { method: 'PUT', body: request, timeoutMs: MAKE_TIMEOUT_MS })
  }

  /** Makes a container for the sandbox of the request with the files of another one of the same host. */
  fork(host: Host, sourceId: string, request: ContainerRequest): Promise<ContainerStatus> {
    return this.#call(host, `/${sourceId}/fork`, { method: 'POST', body: request, timeoutMs: MAKE_TIMEOUT_MS })
  }

  /** Wakes it or starts it; resolves when it answers. */
  start(host: Host, sandboxId: string): Promise<ContainerStatus> {
    return this.#call(host, `/${sandboxId}/start`, { method: 'POST', timeoutMs: MAKE_TIMEOUT_MS })
  }

  /** Ends its processes and keeps its files. */
  stop(host: Host, sandboxId: string): Promise<ContainerStatus> {
    return this.#call(host, `/${sandboxId}/stop`, { method: 'POST' })
  }

  rename(host: Host, sandboxId: string, name: string): Promise<ContainerStatus> {
    return this.#call(host, `/${sandboxId}/rename`, { method: 'POST', body: { name } })
  }

  /** Deletes it with its files; nothing there is no error. */
  remove(host: Host, sandboxId: string): Promise<void> {
    return this.#call(host, `/${sandboxId}`, { method: 'DELETE' })
  }

  async list(host: Host): Promise<ContainerStatus[]> {
    const { containers } = await this.#call<{ containers: ContainerStatus[] }>(host, '', { timeoutMs: 10_000 })
    return containers
  }

  #call<T>(
    host: Host,
    path: string,
    options: { method?: 'PUT' | 'POST' | 'DELETE'; body?: unknown; timeoutMs?: number },
  ) {
    return call<T>(`${host.apiUrl}/v1/containers${path}`, {
      token: derive(this.#secret, `host/${host.address}`),
      ...options,
    })
  }
}

/** What the master asks managers for. */
export type Managers = Pick<ManagerClient, keyof ManagerClient>
