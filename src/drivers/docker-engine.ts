import Docker from 'dockerode'
import type { ContainerEngine, ContainerSpec, EngineContainer } from '../core/container.ts'
import { checkDescription, describe, nameOf, recognize, UNCLAIMED } from '../core/container-description.ts'
import { OmegaError } from '../core/errors.ts'
import { networkOf, type SandboxNetwork } from '../core/sandbox-network.ts'
import { imageOf } from '../core/template.ts'
import { demultiplex, statusOf, toEngineError, whyPortIsTaken } from './docker-answer.ts'

export interface DockerEngineOptions {
  /** `unix:///var/run/docker.sock`, `tcp://...`; the usual place (or DOCKER_HOST) if absent. */
  dockerHost?: string
  fleet: string
  /** The host's address in the fleet: only containers with this label are ours. */
  host: string
  /** Where ports are published: an address of this machine, or 0.0.0.0. */
  publishAddress: string
}

/**
 * Containers of a Docker Engine. Labels and names are the truth: which sandbox, which host, which port, and by the
 * name whether it was claimed. Nothing is remembered here that a restart could lose.
 */
export class DockerEngine implements ContainerEngine {
  readonly runtime = 'docker'
  readonly network: SandboxNetwork
  readonly #docker: Docker
  readonly #options: DockerEngineOptions
  /** Cleared when the engine turns out to have no init binary (Debian's docker.io only recommends it). */
  #init = true

  constructor(options: DockerEngineOptions) {
    this.#options = options
    this.network = networkOf(options.fleet)
    this.#docker = new Docker(connection(options.dockerHost))
  }

  async ping(): Promise<void> {
    const late = new OmegaError('ENGINE_UNAVAILABLE', 'The Docker Engine did not answer within 5 s.')
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(late), 5_000)
    })
    await Promise.race([this.#ask(() => this.#docker.ping()), deadline]).finally(() => clearTimeout(timer))
  }

  /** Makes the fleet's network unless it is there; refuses to use a network of that name that is not walled off. */
  async ensureNetwork(): Promise<void> {
    const { name, bridge } = this.network
    for (let attempt = 0; ; attempt++) {
      const [found] = await this.#ask(() => this.#docker.listNetworks({ filters: { name: [`^${name}$`] } }))
      if (found) {
        const options = found.Options ?? {}
        if (
          options['com.docker.network.bridge.enable_icc'] === 'false' &&
          options['com.docker.network.bridge.name'] === bridge
        )
          return
        throw new OmegaError(
          'ENGINE_UNAVAILABLE',
          `There is a Docker network ${name} that omega did not make: its containers could reach each other. Remove it (docker network rm ${name}) or give the fleet another name.`,
        )
      }
      try {
        await this.#docker.createNetwork({
          Name: name,
          Driver: 'bridge',
          CheckDuplicate: true,
          EnableIPv6: false,
          Options: { 'com.docker.network.bridge.name': bridge, 'com.docker.network.bridge.enable_icc': 'false' },
          Labels: { 'omega.fleet': this.#options.fleet },
        })
        return
      } catch (error) {
        // Another manager of this engine was faster: look again.
        if (attempt === 3) throw toEngineError(error)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  async start(spec: ContainerSpec, isNew = false): ReturnType<ContainerEngine['start']> {
    const existing = isNew ? undefined : await this.#find(spec.sandboxId)
    if (existing) {
      const { container, id } = existing
      const before = performance.now()
      if (container.state !== 'stopped') return { outcome: 'existed', port: container.port, timings: {} }
      try {
        await this.#docker.getContainer(id).start()
        return { outcome: 'existed', port: container.port, timings: { start: performance.now() - before } }
      } catch (error) {
        if (statusOf(error) === 304) return { outcome: 'existed', port: container.port, timings: {} }
        if (!container.claimed && whyPortIsTaken(error)) {
          await this.#remove(id)
          return { outcome: 'portTaken' }
        }
        throw toEngineError(error)
      }
    }
    return this.#make(spec)
  }

  async #make(spec: ContainerSpec): ReturnType<ContainerEngine['start']> {
    const { fleet, host, publishAddress } = this.#options
    const image = imageOf(spec.template)
    const site = { fleet, host, publishAddress, network: this.network.name, image, init: this.#init }
    const description = checkDescription(describe(spec, site))
    const begun = performance.now()
    let container: Docker.Container
    try {
      // The schema's type is narrower than dockerode's, which knows neither of the two path lists' readonly kind.
      container = await this.#docker.createContainer(description as Docker.ContainerCreateOptions)
    } catch (error) {
      if (statusOf(error) === 404) {
        throw new OmegaError(
          'UNKNOWN_TEMPLATE',
          `This host has no image ${image} for the template ${spec.template}. Build it with: omega template build ${spec.template}`,
        )
      }
      if (statusOf(error) === 409) {
        throw new OmegaError('CONFLICT', `Another container is called ${description.name}. Remove it, or try again.`)
      }
      throw toEngineError(error)
    }
    const created = performance.now()
    try {
      await container.start()
    } catch (error) {
      await this.#remove(container.id)
      if (whyPortIsTaken(error)) return { outcome: 'portTaken' }
      if (this.#init && /docker-init|init binary/i.test(String(error))) {
        this.#init = false
        return this.#make(spec)
      }
      if (/network .* not found/i.test(String(error))) {
        await this.ensureNetwork()
        return this.#make(spec)
      }
      throw toEngineError(error)
    }
    const timings = { create: created - begun, start: performance.now() - created }
    return { outcome: 'started', port: spec.port, timings }
  }

  async confirm(sandboxId: string): Promise<void> {
    const found = await this.#find(sandboxId)
    if (!found) throw new OmegaError('SANDBOX_NOT_FOUND', `No container of ${sandboxId} is on this host.`)
    if (found.container.claimed) return
    await this.#ask(() => this.#docker.getContainer(found.id).rename({ name: nameOf(found.container.subdomain) }))
  }

  async inspect(sandboxId: string): Promise<(EngineContainer & { restarts: number }) | undefined> {
    const found = await this.#find(sandboxId)
    if (!found) return undefined
    try {
      const { RestartCount } = await this.#docker.getContainer(found.id).inspect()
      return { ...found.container, restarts: RestartCount }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw toEngineError(error)
    }
  }

  async resume(sandboxId: string): Promise<void> {
    const found = await this.#find(sandboxId)
    if (found?.container.state !== 'stopped') return
    await this.#ask(() => this.#docker.getContainer(found.id).start(), 304, 404)
  }

  async stop(sandboxId: string): Promise<void> {
    const found = await this.#find(sandboxId)
    if (!found) return
    await this.#ask(() => this.#docker.getContainer(found.id).stop({ t: 5 }), 304, 404)
  }

  async remove(sandboxId: string): Promise<void> {
    const found = await this.#find(sandboxId)
    if (found) await this.#remove(found.id)
  }

  async #remove(id: string): Promise<void> {
    const container = this.#docker.getContainer(id)
    await this.#ask(() => container.remove({ force: true, v: true }), 404, 409)
    // 409: somebody's removal is in progress. Gone is gone only when the engine does not know it any more.
    for (let wait = 5; wait < 5_000; wait *= 2) {
      const state = await this.#ask(() => container.inspect(), 404)
      if (!state) return
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
    throw new OmegaError('ENGINE_UNAVAILABLE', `Docker does not finish removing the container ${id.slice(0, 12)}.`)
  }

  async list(): Promise<EngineContainer[]> {
    return (await this.#query()).map(({ container }) => container)
  }

  async logs(sandboxId: string, tail: number): Promise<string> {
    const found = await this.#find(sandboxId)
    if (!found) throw new OmegaError('SANDBOX_NOT_FOUND', `No container of ${sandboxId} is on this host.`)
    const options = { stdout: true, stderr: true, follow: false, tail } as const
    const output = await this.#ask(() => this.#docker.getContainer(found.id).logs(options), 404)
    return demultiplex(output ?? Buffer.alloc(0))
  }

  reach(container: Pick<EngineContainer, 'sandboxId' | 'port'>): { address: string; port: number } {
    const { publishAddress } = this.#options
    const address = publishAddress === '0.0.0.0' ? '127.0.0.1' : publishAddress === '::' ? '::1' : publishAddress
    return { address, port: container.port }
  }

  async templates(): Promise<string[]> {
    const images = await this.#ask(() => this.#docker.listImages())
    const names = images
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .flatMap((tag) => {
        const name = /^omega-template-([a-z][a-z0-9-]{0,39}):/.exec(tag)?.[1]
        return name !== undefined && tag === imageOf(name) ? name : []
      })
    return [...new Set(names)].sort()
  }

  async close(): Promise<void> {
    // Every call has its own connection; nothing is held open.
  }

  async #find(sandboxId: string): Promise<{ id: string; container: EngineContainer } | undefined> {
    const [found] = await this.#query(`omega.sandbox=${sandboxId}`)
    return found
  }

  async #query(...labels: string[]): Promise<{ id: string; container: EngineContainer }[]> {
    const { fleet, host } = this.#options
    const filters = { label: [`omega.fleet=${fleet}`, `omega.host=${host}`, ...labels] }
    const found = await this.#ask(() => this.#docker.listContainers({ all: true, filters }))
    return found.flatMap(({ Id, Labels, Names, State }) => {
      const container = recognize(Labels, Names[0] ?? UNCLAIMED, State)
      return container ? [{ id: Id, container }] : []
    })
  }

  /** Runs a call; an HTTP status in `fine` gives undefined, every other failure is thrown as one of ours. */
  async #ask<T>(request: () => Promise<T>): Promise<T>
  async #ask<T>(request: () => Promise<T>, ...fine: number[]): Promise<T | undefined>
  async #ask<T>(request: () => Promise<T>, ...fine: number[]): Promise<T | undefined> {
    try {
      return await request()
    } catch (error) {
      if (fine.includes(statusOf(error) ?? -1)) return undefined
      throw toEngineError(error)
    }
  }
}

function connection(dockerHost: string | undefined): Docker.DockerOptions | undefined {
  if (dockerHost === undefined) return undefined
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) }
  if (dockerHost.startsWith('/')) return { socketPath: dockerHost }
  const url = new URL(dockerHost.replace(/^tcp:/, 'http:'))
  return { protocol: url.protocol === 'https:' ? 'https' : 'http', host: url.hostname, port: Number(url.port || 2375) }
}
