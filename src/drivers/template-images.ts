import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type Docker from 'dockerode'
import { OmegaError } from '../core/errors.ts'
import { imageOf } from '../core/template.ts'
import { DEFAULT_BASE_IMAGE, ensureBaseImage } from './base-image.ts'
import { run } from './command.ts'
import { hashFolder, hashOf } from './content-hash.ts'
import { readHostNetwork } from './host-network.ts'
import { buildImage, selectStages } from './image-build.ts'
import { hashProgram, programParts, writeProgram } from './image-program.ts'
import { packageRoot } from './package-root.ts'
import { TemplateCatalog } from './template-catalog.ts'

export interface EnsureImagesOptions {
  docker: Docker
  /** Templates whose images are wanted; all there are when absent. */
  names?: readonly string[]
  /** Builds them even if nothing has changed. */
  force?: boolean
  /** What the images stand on; default what they stand on already, else DEFAULT_BASE_IMAGE. */
  baseImage?: string
  /** Is told what happens, a line at a time, for a person to read. Nothing is said when there is nothing to do. */
  onProgress?: (line: string) => void
  /** omega's own folder, with Dockerfile, dist and templates. */
  root?: string
}

/** The label that holds the hash of all an image was built from. */
export const INPUTS_LABEL = 'omega.inputs'
/** The label that remembers the operator's choice of a base image. */
const BASE_IMAGE_LABEL = 'omega.base-image'

const BASE = 'omega-base:latest'
const OMEGA = 'omega:latest'

/**
 * Sees to it that the images of these templates are in the engine and up to date: the base, omega itself, a template
 * each. An image carries the hash of its inputs as a label, so that only what has changed is built again, and nothing
 * when nothing has. Rejects with ENGINE_UNAVAILABLE, UNKNOWN_TEMPLATE or BUILD_FAILED.
 */
export async function ensureImages(options: EnsureImagesOptions): Promise<void> {
  const { docker, root = packageRoot, force = false } = options
  const say = options.onProgress ?? (() => {})
  const catalog = new TemplateCatalog(join(root, 'templates'))
  const names = options.names ?? (await catalog.list()).map(({ name }) => name)
  for (const name of names) await catalog.get(name)
  const { Arch } = await docker.version().catch((error: Error) => {
    throw new OmegaError('ENGINE_UNAVAILABLE', `No container engine answers (${error.message}). Is it running?`)
  })

  const parts = await programParts(root)
  const [dockerfile, network, programHash] = await Promise.all([
    readFile(join(root, 'Dockerfile'), 'utf8'),
    readHostNetwork(),
    hashProgram(parts),
  ])
  const work = await mkdtemp(join(tmpdir(), 'omega-image-'))
  try {
    const kitchen = new Kitchen(docker, force, say)
    const baseImage = options.baseImage ?? (await kitchen.find(BASE))?.labels[BASE_IMAGE_LABEL] ?? DEFAULT_BASE_IMAGE
    const args = network.registry ? { NPM_CONFIG_REGISTRY: network.registry } : {}

    const baseStages = selectStages(dockerfile, ['debian', 'node', 'base'])
    const baseHash = hashOf(baseStages, baseImage, Arch, ...network.certificates, network.registry ?? '')
    await kitchen.ensure(
      { what: 'base image', tag: BASE, hash: baseHash, labels: { [BASE_IMAGE_LABEL]: baseImage } },
      async () => {
        const from = await ensureBaseImage(docker, baseImage, say)
        await writeCertificates(join(work, 'base/.image/ca'), network.certificates)
        await fetchNode(join(work, 'base/.image/node'), Arch)
        await cp(join(root, '.dockerignore'), join(work, 'base/.dockerignore'))
        return {
          dockerfile: baseStages,
          folder: join(work, 'base'),
          args: { BASE_IMAGE: from, ...args, ...network.proxies },
        }
      },
    )

    const omegaStages = selectStages(dockerfile, ['build', 'omega'], { base: BASE })
    const omegaHash = hashOf(omegaStages, baseHash, programHash)
    await kitchen.ensure({ what: 'omega', tag: OMEGA, hash: omegaHash }, async () => {
      await writeProgram(parts, join(work, 'omega/.image/omega'))
      await cp(join(root, '.dockerignore'), join(work, 'omega/.dockerignore'))
      return { dockerfile: omegaStages, folder: join(work, 'omega'), args: {} }
    })

    const stages = selectStages(dockerfile, ['project', 'template'], { base: BASE, build: OMEGA })
    for (const name of names) {
      const inputs = await hashFolder(catalog.folder(name), (path) => path.includes('node_modules'))
      const hash = hashOf(stages, omegaHash, name, inputs)
      await kitchen.ensure({ what: `template ${name}`, tag: imageOf(name), hash }, async () => {
        const folder = join(work, name)
        const source = catalog.folder(name)
        const filter = (path: string) => !relative(source, path).includes('node_modules')
        await cp(source, join(folder, 'templates', name), { recursive: true, filter })
        return { dockerfile: stages, folder, args: { TEMPLATE: name, ...args, ...network.proxies } }
      })
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Where images are made, unless the one on the shelf is still good. */
class Kitchen {
  readonly #docker: Docker
  readonly #force: boolean
  readonly #say: (line: string) => void

  constructor(docker: Docker, force: boolean, say: (line: string) => void) {
    this.#docker = docker
    this.#force = force
    this.#say = say
  }

  async ensure(
    image: { what: string; tag: string; hash: string; labels?: Record<string, string> },
    prepare: () => Promise<{ dockerfile: string; folder: string; args: Record<string, string> }>,
  ): Promise<void> {
    const before = await this.find(image.tag)
    if (before?.labels[INPUTS_LABEL] === image.hash && !(this.#force && image.tag.startsWith('omega-template-'))) return
    const began = performance.now()
    const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
    this.#say(`building ${image.what}`)
    let step = 'preparing'
    const reminder = setInterval(() => this.#say(`building ${image.what}, ${elapsed()} so far: ${step}`), 20_000)
    try {
      await buildImage(this.#docker, {
        ...(await prepare()),
        what: `The image of ${image.what}`,
        tag: image.tag,
        labels: { ...image.labels, [INPUTS_LABEL]: image.hash },
        onStep: (text) => {
          step = text
        },
      })
    } catch (error) {
      const { log } = (error as OmegaError).details ?? {}
      if (typeof log === 'string') for (const line of log.split('\n')) this.#say(`  ${line}`)
      throw error
    } finally {
      clearInterval(reminder)
    }
    this.#say(`built ${image.what} in ${elapsed()}`)
    await this.#discard(before?.id)
  }

  async find(tag: string): Promise<{ id: string; labels: Record<string, string> } | undefined> {
    const found = await this.#docker
      .getImage(tag)
      .inspect()
      .catch((error: { statusCode?: number }) => {
        if (error.statusCode === 404) return undefined
        throw error
      })
    return found && { id: found.Id, labels: found.Config.Labels ?? {} }
  }

  /** The image that has just lost its name; the engine keeps it while a container needs it. */
  async #discard(id: string | undefined): Promise<void> {
    if (id === undefined) return
    const names = await this.#docker
      .getImage(id)
      .inspect()
      .catch(() => undefined)
    if (names?.RepoTags?.length === 0)
      await this.#docker
        .getImage(id)
        .remove({ noprune: true })
        .catch(() => {})
  }
}

async function writeCertificates(folder: string, certificates: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [index, pem] of certificates.entries()) await writeFile(join(folder, `host-${index}.crt`), pem)
}

/** Node.js and npm for the image, from npm's packages, fetched with this machine's npm and its settings. */
async function fetchNode(target: string, arch: string): Promise<void> {
  const cpu = { amd64: 'x64', arm64: 'arm64' }[arch]
  if (!cpu) throw new OmegaError('BUILD_FAILED', `There is no Node.js for ${arch}. Engines may be amd64 or arm64.`)
  const work = `${target}-packages`
  await mkdir(work, { recursive: true })
  const packages = [`node-linux-${cpu}@24`, 'npm@11']
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--force', '--loglevel=error']
  await run('npm', ['install', '--prefix', work, ...flags, ...packages])
  const modules = join(work, 'node_modules')
  await cp(join(modules, `node-linux-${cpu}/bin/node`), join(target, 'bin/node'))
  await chmod(join(target, 'bin/node'), 0o755)
  await cp(join(modules, 'npm'), join(target, 'lib/node_modules/npm'), { recursive: true })
  await rm(work, { recursive: true, force: true })
}
