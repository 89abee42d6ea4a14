import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import type { SnapshotStore } from '../core/container.ts'
import { OmegaError } from '../core/errors.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { ask } from './docker-answer.ts'
import { saveImages } from './docker-connection.ts'
import { checkedImages } from './image-check.ts'

/** A container is made of a copy's image at once; one that is older than this and has none was left by a crash. */
const COPY_MADE_WITHIN_MS = 10 * 60_000

/** The tag of an image says that it is a snapshot; one whose snapshot was removed while something is made of it. */
const KEPT = 'omega-snapshot'
const FORGOTTEN = 'omega-forgotten'
const SENT = new RegExp(`^${KEPT}:sn_[0-9a-z]{20}\\.[0-9a-f]{12}$`)

interface HistoryEntry {
  CreatedBy: string
  Size: number
}

/** Begins the line that makes a snapshot another host's. */
const MOVED = 'LABEL omega.fleet'

interface CopiesOptions {
  fleet: string
  host: string
  /** Gives the engine's own id of a container by our key, or rejects. */
  idOf: (key: string) => Promise<string>
}

/**
 * Images made of the layers that containers wrote: a copy's, which is there for one container, and snapshots. Labels
 * say whose they are. A layer of another one's stays as long as something is made of it.
 */
export class DockerCopies implements SnapshotStore {
  readonly #docker: Docker
  readonly #options: CopiesOptions

  constructor(docker: Docker, options: CopiesOptions) {
    this.#docker = docker
    this.#options = options
  }

  /** The image of what a container has written by now, for the container `wanted`. */
  commit(key: string, wanted: string): Promise<string> {
    return this.#commit(key, { 'omega.copy': wanted }, {})
  }

  async #commit(key: string, labels: Record<string, string>, tag: { repo?: string; tag?: string }): Promise<string> {
    const { fleet, host, idOf } = this.#options
    const id = await idOf(key)
    const changes = Object.entries({ ...labels, 'omega.fleet': fleet, 'omega.host': host })
      .map(([name, value]) => `LABEL ${name}=${value}`)
      .join('\n')
    const made = await ask(() => this.#docker.getContainer(id).commit({ ...tag, pause: true, changes }))
    return (made as { Id: string }).Id
  }

  async take(key: string, snapshot: Omit<Snapshot, 'bytes'>): Promise<Snapshot> {
    const { id, sandboxId, name, createdAt } = snapshot
    const labels = {
      'omega.snapshot': id,
      'omega.snapshot.of': sandboxId,
      'omega.snapshot.name': name,
      'omega.snapshot.at': String(createdAt),
    }
    const image = await this.#commit(key, labels, { repo: KEPT, tag: this.#tagOf(id) })
    return { ...snapshot, bytes: await this.#sizeOf(image) }
  }

  async list(): Promise<Snapshot[]> {
    const images = await this.#images({ reference: [`${KEPT}:*`] })
    const found = images.map(async ({ Id, Labels }) => ({
      id: Labels['omega.snapshot'] ?? '',
      sandboxId: Labels['omega.snapshot.of'] ?? '',
      name: Labels['omega.snapshot.name'] ?? '',
      createdAt: Number(Labels['omega.snapshot.at']),
      bytes: await this.#sizeOf(Id),
    }))
    return (await Promise.all(found)).sort((a, b) => a.createdAt - b.createdAt)
  }

  /** The layer on top: what was written since the image below it. */
  async #sizeOf(image: string): Promise<number> {
    const history = (await ask(() => this.#docker.getImage(image).history(), 404)) as HistoryEntry[] | undefined
    return history?.find(({ CreatedBy }) => !CreatedBy.includes(MOVED))?.Size ?? 0
  }

  /**
   * Its name goes at once, its layer with the last container that is made of it: a stopped one could not be copied any
   * more if Docker were made to remove the image under it.
   */
  async remove(id: string): Promise<void> {
    const tag = this.#tagOf(id)
    const image = this.#docker.getImage(`${KEPT}:${tag}`)
    if (!(await ask(() => image.inspect(), 404))) return
    await ask(() => image.tag({ repo: FORGOTTEN, tag }))
    await ask(() => image.remove({ force: false }), 404)
    await this.discard(`${FORGOTTEN}:${tag}`)
  }

  /** Whole images: layers that the other host has already are not unpacked there. */
  async pack(ids: readonly string[]): Promise<AsyncIterable<Uint8Array>> {
    const names = ids.map((id) => `${KEPT}:${this.#tagOf(id)}`)
    for (const name of names) await ask(() => this.#docker.getImage(name).inspect())
    return ask(() => saveImages(this.#docker, names))
  }

  async unpack(sandboxId: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    const before = new Set((await ask(() => this.#docker.listImages())).flatMap(({ RepoTags }) => RepoTags ?? []))
    const checked = Readable.from(checkedImages(archive, (name) => SENT.test(name)))
    const loading = await ask(() => this.#docker.loadImage(checked, { quiet: true }))
    const said = await text(loading as Readable)
    const loaded = [...said.matchAll(new RegExp(`Loaded image: (${KEPT}:(sn_[0-9a-z]{20})\\.[0-9a-f]+)`, 'g'))]
    if (loaded.length === 0) {
      throw new OmegaError('CREATE_FAILED', `The engine did not load the snapshots: ${said.slice(-500)}`)
    }
    for (const [, theirs = '', id = ''] of loaded) {
      await this.#check(theirs, sandboxId)
      await this.#takeOver(theirs, `${KEPT}:${this.#tagOf(id)}`)
      // Two hosts may share an engine: then it is theirs still.
      if (!before.has(theirs)) await ask(() => this.#docker.getImage(theirs).remove({ force: false }), 404)
    }
  }

  /** Of the sandbox that comes, and nothing that runs when something is built of it. */
  async #check(theirs: string, sandboxId: string): Promise<void> {
    const image = this.#docker.getImage(theirs)
    const { Config } = (await ask(() => image.inspect())) as { Config: Docker.ImageInspectInfo['Config'] | null }
    const isRight = Config?.Labels?.['omega.snapshot.of'] === sandboxId && !Config.OnBuild?.length
    if (isRight) return
    await ask(() => image.remove({ force: false }), 404, 409)
    throw new OmegaError('FORBIDDEN', `What another host sends for ${sandboxId} is another sandbox's, or no snapshot.`)
  }

  /** Labels are part of an image: another one, of the same layers, says whose it is now. */
  async #takeOver(theirs: string, ours: string): Promise<void> {
    const { fleet, host } = this.#options
    const context = pack()
    context.entry({ name: 'Dockerfile' }, `FROM ${theirs}\n${MOVED}=${fleet} omega.host=${host}\n`)
    context.finalize()
    const building = await ask(() =>
      this.#docker.buildImage(Readable.from(context), { t: ours, forcerm: true, networkmode: 'none' }),
    )
    const said = await text(building as Readable)
    const failure = /"error":"([^"]*)"/.exec(said)?.[1]
    if (failure !== undefined) throw new OmegaError('CREATE_FAILED', `A snapshot could not be taken over: ${failure}`)
  }

  /** Of this host: several may share an engine, and the same snapshot is on two of them during a move. */
  #tagOf(id: string): string {
    return `${id}.${createHash('sha256').update(this.#options.host).digest('hex').slice(0, 12)}`
  }

  /** The image's id, for a container to be made of it. */
  async imageOf(id: string): Promise<string> {
    const shown = await ask(() => this.#docker.getImage(`${KEPT}:${this.#tagOf(id)}`).inspect(), 404)
    if (shown) return shown.Id
    throw new OmegaError('NOT_FOUND', `This host has no snapshot ${id}.`)
  }

  /** An image that was made of a container goes with the last container of it, or of a copy's copy (409 until then). */
  async discard(image: string): Promise<void> {
    const shown = await ask(() => this.#docker.getImage(image).inspect(), 404)
    const tags = shown?.RepoTags ?? []
    if (!shown || tags.some((tag) => tag.startsWith(`${KEPT}:`))) return
    for (const each of tags.length > 0 ? tags : [shown.Id]) {
      await ask(() => this.#docker.getImage(each).remove({ force: false }), 404, 409)
    }
  }

  /** Images that nothing is made of; only old ones, since one may be in the making. */
  async sweep(olderThanMs = COPY_MADE_WITHIN_MS): Promise<void> {
    const before = Date.now() - olderThanMs
    for (const { Id, Created } of await this.#images({ dangling: ['true'] })) {
      if (Created * 1000 < before) await this.discard(Id)
    }
    for (const { Id } of await this.#images({ reference: [`${FORGOTTEN}:*`] })) await this.discard(Id)
  }

  #images(filters: Record<string, string[]>): Promise<Docker.ImageInfo[]> {
    const { fleet, host } = this.#options
    const label = [`omega.fleet=${fleet}`, `omega.host=${host}`]
    return ask(() => this.#docker.listImages({ filters: { ...filters, label } }))
  }
}
