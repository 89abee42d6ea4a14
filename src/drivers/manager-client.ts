import type { ContainerRequest, ContainerStatus } from '../core/container.ts'
import { OmegaError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { derive } from './credentials.ts'
import { call } from './http-client.ts'
import { openStream } from './http-stream.ts'

/** How long making, copying or starting a container may take. */
export interface MakePatience {
  /** One start on a loaded host, image unpacking included; after that its manager is asked for a sign of life. */
  askMs: number
  /** All in all, for one that is alive: the starts that wait before this one take their time. */
  withinMs: number
}

/** The master's side of a manager's API. Every call may be repeated. */
export class ManagerClient {
  readonly #secret: string
  readonly #patience: MakePatience

  constructor(secret: string, patience: MakePatience = { askMs: 60_000, withinMs: 180_000 }) {
    this.#secret = secret
    this.#patience = patience
  }

  /** Makes the sandbox's container, or gives the one that is there; tells its manager the sandbox's token in any case. */
  ensure(host: Host, request: ContainerRequest): Promise<ContainerStatus> {
    return this.#make(host, `/${request.sandboxId}`, { method: 'PUT', body: request })
  }

  /** Makes a container for the sandbox of the request with the files of another one of the same host, or its snapshot's. */
  fork(host: Host, sourceId: string, request: ContainerRequest, snapshot?: string): Promise<ContainerStatus> {
    const query = snapshot === undefined ? '' : `?snapshot=${encodeURIComponent(snapshot)}`
    return this.#make(host, `/${sourceId}/fork${query}`, { method: 'POST', body: request })
  }

  async snapshots(host: Host, sandboxId: string): Promise<Snapshot[]> {
    const { snapshots } = await this.#call<{ snapshots: Snapshot[] }>(host, `/${sandboxId}/snapshots`, {})
    return snapshots
  }

  /** Not repeated: a second one would be another snapshot, or the name would be taken. */
  takeSnapshot(host: Host, sandboxId: string, name: string | undefined): Promise<Snapshot> {
    const body = name === undefined ? {} : { name }
    return this.#call(host, `/${sandboxId}/snapshots`, { method: 'POST', body, timeoutMs: this.#patience.withinMs })
  }

  /** Ids or names, here and below. */
  removeSnapshot(host: Host, sandboxId: string, snapshot: string): Promise<void> {
    return this.#call(host, `/${sandboxId}/snapshots/${encodeURIComponent(snapshot)}`, { method: 'DELETE' })
  }

  /** Puts its files back to those of a snapshot; resolves when it answers. */
  restore(host: Host, sandboxId: string, snapshot: string): Promise<ContainerStatus> {
    const path = `/${sandboxId}/snapshots/${encodeURIComponent(snapshot)}/restore`
    return this.#call(host, path, { method: 'POST', timeoutMs: this.#patience.withinMs })
  }

  /** Ends its processes; nobody wakes it any more until it is told to stay. */
  async leave(host: Host, sandboxId: string): Promise<void> {
    await this.#call(host, `/${sandboxId}/leave`, { method: 'POST', timeoutMs: this.#patience.withinMs })
  }

  /** Takes its files from one host to another; resolves when they are there. */
  async carry(from: Host, to: Host, sandboxId: string): Promise<void> {
    const path = `/v1/containers/${sandboxId}/archive`
    const body = await openStream(`${from.apiUrl}${path}`, { token: this.#keyOf(from) })
    const headers = { 'content-type': 'application/x-tar' }
    const taken = await openStream(`${to.apiUrl}${path}`, { method: 'PUT', token: this.#keyOf(to), headers, body })
    taken.resume()
  }

  /** Makes its container of the files that were carried there, on this port if it is free. */
  arrive(host: Host, request: ContainerRequest, port: number): Promise<ContainerStatus> {
    return this.#make(host, `/${request.sandboxId}/arrive?port=${port}`, { method: 'POST', body: request })
  }

  /** It does not go after all. */
  stay(host: Host, sandboxId: string): Promise<ContainerStatus> {
    return this.#make(host, `/${sandboxId}/stay`, { method: 'POST' })
  }

  /** Wakes it or starts it; resolves when it answers. */
  start(host: Host, sandboxId: string): Promise<ContainerStatus> {
    return this.#make(host, `/${sandboxId}/start`, { method: 'POST' })
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

  /** Asks again and again while the manager answers other questions; it goes on with what it was asked before. */
  async #make(host: Host, path: string, options: { method: 'PUT' | 'POST'; body?: unknown }): Promise<ContainerStatus> {
    const { askMs, withinMs } = this.#patience
    const began = performance.now()
    for (;;) {
      try {
        return await this.#call(host, path, { ...options, timeoutMs: askMs })
      } catch (error) {
        const isLate = error instanceof OmegaError && error.code === 'TIMEOUT'
        if (!isLate || performance.now() - began + askMs > withinMs) throw error
        await this.list(host)
      }
    }
  }

  #call<T>(
    host: Host,
    path: string,
    options: { method?: 'PUT' | 'POST' | 'DELETE'; body?: unknown; timeoutMs?: number },
  ) {
    return call<T>(`${host.apiUrl}/v1/containers${path}`, {
      token: this.#keyOf(host),
      ...options,
    })
  }

  #keyOf({ address }: Host): string {
    return derive(this.#secret, `host/${address}`)
  }
}

/** What the master asks managers for. */
export type Managers = Pick<ManagerClient, keyof ManagerClient>
