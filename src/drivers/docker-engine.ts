import type Docker from 'dockerode'
import {
  type ContainerEngine,
  type ContainerMark,
  type ContainerSpec,
  type EngineContainer,
  StuckContainer,
  type Timings,
} from '../core/container.ts'
import { checkDescription, describe, recognize, WORKER_PORT } from '../core/container-description.ts'
import { nameOf } from '../core/container-name.ts'
import { OmegaError } from '../core/errors.ts'
import { isSnapshotId } from '../core/names.ts'
import { networkOf, type SandboxNetwork } from '../core/sandbox-network.ts'
import { imageOf } from '../core/template.ts'
import { ask, demultiplex, statusOf, toEngineError } from './docker-answer.ts'
import { connectDocker } from './docker-connection.ts'
import { DockerCopies } from './docker-copies.ts'
import { DockerDisk, hasQuota, readMounts } from './docker-disk.ts'

export interface DockerEngineOptions {
  /** `unix:///var/run/docker.sock`, `tcp://...`; the usual place (or DOCKER_HOST) if absent. */
  dockerHost?: string
  fleet: string
  /** The host's address in the fleet: only containers with this label are ours. */
  host: string
  /**
   * Whether workers' ports are published on loopback. Not where the engine shares the machine's network (Linux): the
   * containers' own addresses are reached from it, without a process in between for each of them.
   */
  publish: boolean
}

/**
 * Containers of a Docker Engine. Labels and names are the truth: which host, which template, and by the name
 * whose it is. Nothing is remembered here that a restart could lose.
 */
export class DockerEngine implements ContainerEngine {
  readonly runtime = 'docker'
  readonly network: SandboxNetwork
  readonly snapshots: DockerCopies
  readonly #docker: Docker
  readonly #options: DockerEngineOptions
  /** Known once `openDisk` was called. */
  disk: DockerDisk | undefined
  /** Cleared when the engine turns out to have no init binary (Debian's docker.io only recommends it). */
  #init = true
  /** The engine's ids by our keys: a cache. */
  readonly #ids = new Map<string, string>()

  constructor(options: DockerEngineOptions) {
    this.#options = options
    this.network = networkOf(options.fleet)
    this.#docker = connectDocker(options.dockerHost)
    const { fleet, host } = options
    this.snapshots = new DockerCopies(this.#docker, { fleet, host, idOf: (key) => this.#need(key) })
  }

  async ping(): Promise<void> {
    const late = new OmegaError('ENGINE_UNAVAILABLE', 'The Docker Engine did not answer within 5 s.')
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(late), 5_000)
    })
    await Promise.race([ask(() => this.#docker.ping()), deadline]).finally(() => clearTimeout(timer))
  }

  /** Finds out how the engine limits what containers write. */
  async openDisk(): Promise<void> {
    const info = await ask(() => this.#docker.info())
    const limit = hasQuota(info, await readMounts()) ? 'quota' : 'watched'
    this.disk = new DockerDisk(this.#docker, info.DockerRootDir, limit, (key) => this.#need(key))
  }

  /** Makes the fleet's network unless it is there; refuses to use a network of that name that is not walled off. */
  async ensureNetwork(): Promise<void> {
    const { name, bridge } = this.network
    for (let attempt = 0; ; attempt++) {
      const [found] = await ask(() => this.#docker.listNetworks({ filters: { name: [`^${name}$`] } }))
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

  async start(spec: ContainerSpec): Promise<{ container: EngineContainer; timings: Timings }> {
    return this.#make(spec, imageOf(spec.template))
  }

  /** The layer that its container wrote becomes an image: as much work as was written, however large the project is. */
  async copy(source: string, spec: ContainerSpec): Promise<{ container: EngineContainer; timings: Timings }> {
    if (isSnapshotId(source)) return this.#make(spec, await this.snapshots.imageOf(source))
    const begun = performance.now()
    const image = await this.snapshots.commit(source, spec.key)
    const committed = performance.now() - begun
    try {
      const { container, timings } = await this.#make(spec, image)
      return { container, timings: { commit: committed, ...timings } }
    } catch (error) {
      await this.snapshots.discard(image)
      throw error
    }
  }

  async #make(spec: ContainerSpec, image: string): Promise<{ container: EngineContainer; timings: Timings }> {
    const { fleet, host, publish } = this.#options
    const site = {
      fleet,
      host,
      publish,
      network: this.network.name,
      image,
      init: this.#init,
      quota: this.disk?.limit === 'quota',
    }
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
      if (this.#init && /docker-init|init binary/i.test(String(error))) {
        this.#init = false
        return this.#make(spec, image)
      }
      if (/network .* not found/i.test(String(error))) {
        await this.ensureNetwork()
        return this.#make(spec, image)
      }
      throw toEngineError(error)
    }
    const timings = { create: created - begun, start: performance.now() - created }
    this.#ids.set(spec.key, container.id)
    const made = await this.inspect(spec.key)
    if (made) return { container: made, timings }
    throw new OmegaError('CREATE_FAILED', 'The container was removed by somebody else while it was being started.')
  }

  async mark(key: string, mark: ContainerMark): Promise<void> {
    const id = await this.#need(key)
    const name = nameOf(mark)
    await ask(() => this.#docker.getContainer(id).rename({ name })).catch(async (error) => {
      // Docker refuses to give a container the name it has; after a lost answer that is what was wanted.
      const { Name } = (await ask(() => this.#docker.getContainer(id).inspect(), 404)) ?? {}
      if (Name !== `/${name}`) throw error
    })
  }

  async inspect(key: string): Promise<(EngineContainer & { restarts: number }) | undefined> {
    const id = await this.#find(key)
    const shown = id === undefined ? undefined : await ask(() => this.#docker.getContainer(id).inspect(), 404)
    if (!shown) {
      this.#ids.delete(key)
      return undefined
    }
    const known = recognize(shown.Config.Labels, shown.Name.slice(1), shown.State.Status)
    if (!known) return undefined
    const { Networks, Ports } = shown.NetworkSettings
    const published = Object.values(Ports ?? {}).flatMap((each) => each ?? [])[0]?.HostPort
    return {
      ...known,
      createdAt: Date.parse(shown.Created),
      at: this.#placeOf(known.state, Networks, published === undefined ? undefined : Number(published)),
      restarts: shown.RestartCount,
    }
  }

  async resume(key: string): Promise<EngineContainer> {
    const id = await this.#need(key)
    const container = this.#docker.getContainer(id)
    const before = await this.inspect(key)
    if (before?.state === 'asleep') await ask(() => container.unpause(), 404, 409, 500)
    else if (before?.state === 'stopped') await startAgain(container)
    const after = before?.state === 'running' ? before : await this.inspect(key)
    if (after) return after
    throw notHere(key)
  }

  async freeze(key: string): Promise<void> {
    const id = await this.#need(key)
    // 409 and 500: it is paused already, or does not run; which of them depends on the engine's version.
    await ask(() => this.#docker.getContainer(id).pause(), 409, 500)
  }

  async stop(key: string): Promise<void> {
    const id = await this.#find(key)
    if (id === undefined) return
    const container = this.#docker.getContainer(id)
    // What is frozen cannot take its leave.
    await ask(() => container.unpause(), 404, 409, 500)
    await ask(() => container.stop({ t: 5 }), 304, 404)
  }

  async remove(key: string): Promise<void> {
    const id = await this.#find(key)
    if (id === undefined) return
    const shown = await ask(() => this.#docker.getContainer(id).inspect(), 404)
    await this.#remove(id)
    this.#ids.delete(key)
    if (shown && isCopy(shown.Config.Labels)) await this.snapshots.discard(shown.Image)
  }

  async #remove(id: string): Promise<void> {
    const container = this.#docker.getContainer(id)
    await ask(() => container.remove({ force: true, v: true }), 404, 409)
    // 409: somebody's removal is in progress. Gone is gone only when the engine does not know it any more.
    for (let wait = 5; wait < 5_000; wait *= 2) {
      const state = await ask(() => container.inspect(), 404)
      if (!state) return
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
    throw new OmegaError('ENGINE_UNAVAILABLE', `Docker does not finish removing the container ${id.slice(0, 12)}.`)
  }

  async sweep(olderThanMs?: number): Promise<void> {
    await this.snapshots.sweep(olderThanMs)
  }

  async list(): Promise<EngineContainer[]> {
    const { fleet, host } = this.#options
    const filters = { label: [`omega.fleet=${fleet}`, `omega.host=${host}`] }
    const found = await ask(() => this.#docker.listContainers({ all: true, filters }))
    return found.flatMap(({ Id, Labels, Names, State, Created, NetworkSettings, Ports }) => {
      const known = recognize(Labels, (Names[0] ?? '').slice(1), State)
      if (!known) return []
      this.#ids.set(known.key, Id)
      const published = Ports.find(({ PublicPort }) => PublicPort !== undefined)?.PublicPort
      const at = this.#placeOf(known.state, NetworkSettings.Networks, published)
      return [{ ...known, createdAt: Created * 1000, at }]
    })
  }

  async logs(key: string, tail: number): Promise<string> {
    const id = await this.#need(key)
    const options = { stdout: true, stderr: true, follow: false, tail } as const
    const output = await ask(() => this.#docker.getContainer(id).logs(options), 404)
    return demultiplex(output ?? Buffer.alloc(0))
  }

  #placeOf(
    state: EngineContainer['state'],
    networks: Readonly<Record<string, { IPAddress: string }>>,
    published: number | undefined,
  ): EngineContainer['at'] {
    if (state === 'stopped') return undefined
    if (this.#options.publish) return published === undefined ? undefined : { address: '127.0.0.1', port: published }
    const address = networks[this.network.name]?.IPAddress
    return address ? { address, port: WORKER_PORT } : undefined
  }

  async templates(): Promise<string[]> {
    const images = await ask(() => this.#docker.listImages())
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

  /** The engine's own id of a container; undefined if there is none of this host's. */
  async #find(key: string): Promise<string | undefined> {
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const { fleet, host } = this.#options
    const label = [`omega.fleet=${fleet}`, `omega.host=${host}`, `omega.container=${key}`]
    const [found] = await ask(() => this.#docker.listContainers({ all: true, filters: { label } }))
    if (found) this.#ids.set(key, found.Id)
    return found?.Id
  }

  async #need(key: string): Promise<string> {
    const id = await this.#find(key)
    if (id !== undefined) return id
    throw notHere(key)
  }
}

/**
 * Docker 20.10 that was ended while it started a container takes its process for running ever after, and the container
 * for stopped.
 */
async function startAgain(container: Docker.Container): Promise<void> {
  try {
    await ask(() => container.start(), 304, 404)
  } catch (error) {
    const text = String(error)
    if (/task \w+: already exists/.test(text)) throw new StuckContainer('CREATE_FAILED', text)
    throw error
  }
}

/** Whether it is made of another one's layer, or of a snapshot: labels of an image are those of its containers, too. */
function isCopy(labels: Readonly<Record<string, string>>): boolean {
  return labels['omega.copy'] !== undefined || labels['omega.snapshot'] !== undefined
}

function notHere(key: string): OmegaError {
  return new OmegaError('SANDBOX_NOT_FOUND', `This host has no container ${key}.`)
}
