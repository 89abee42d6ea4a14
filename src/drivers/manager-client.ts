import type { ContainerRequest, ContainerStatus } from '../core/container.ts'
import type { Host } from '../core/host.ts'
import { derive } from './credentials.ts'
import { call } from './http-client.ts'

/** How long a manager may take to make a container: image unpacking and a loaded host included. */
const ENSURE_TIMEOUT_MS = 60_000

/** The master's side of a manager's API. Every call may be repeated. */
export class ManagerClient {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  /** Makes the sandbox's container, or gives the one that is there. */
  ensure(host: Host, request: ContainerRequest): Promise<ContainerStatus> {
    return this.#call(host, `/${request.sandboxId}`, { method: 'PUT', body: request, timeoutMs: ENSURE_TIMEOUT_MS })
  }

  /** Deletes it with its files; nothing there is no error. */
  remove(host: Host, sandboxId: string): Promise<void> {
    return this.#call(host, `/${sandboxId}`, { method: 'DELETE' })
  }

  async list(host: Host): Promise<ContainerStatus[]> {
    const { containers } = await this.#call<{ containers: ContainerStatus[] }>(host, '', { timeoutMs: 10_000 })
    return containers
  }

  #call<T>(host: Host, path: string, options: { method?: 'PUT' | 'DELETE'; body?: unknown; timeoutMs?: number }) {
    return call<T>(`${host.apiUrl}/v1/containers${path}`, {
      token: derive(this.#secret, `host/${host.address}`),
      ...options,
    })
  }
}
