import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { pack } from 'tar-fs'
import { OmegaError } from '../core/errors.ts'
import { lastLines } from './command.ts'

export interface ImageBuild {
  /** What is being built, for messages. */
  what: string
  tag: string
  dockerfile: string
  /** Paths of the build context, relative to `folder`. */
  folder: string
  args: Record<string, string>
  labels: Record<string, string>
  /** Is told each step of the Dockerfile as it begins. */
  onStep?: (step: string) => void
}

/**
 * Builds an image through the engine's API, with its classic builder, which every engine has. Rejects with BUILD_FAILED,
 * whose detail `log` is the end of the build's log.
 */
export async function buildImage(docker: Docker, build: ImageBuild): Promise<void> {
  const context = pack(build.folder, {
    // The same on every machine, whoever made the checkout and with whatever umask.
    map: (header) => ({ ...header, uid: 0, gid: 0, mtime: new Date(0), mode: header.mode & 0o100 ? 0o755 : 0o644 }),
    finalize: false,
    finish: (tar) => {
      tar.entry({ name: 'Dockerfile' }, build.dockerfile)
      tar.finalize()
    },
  })
  const stream = await docker
    .buildImage(Readable.from(context), {
      t: build.tag,
      buildargs: build.args,
      labels: build.labels,
      forcerm: true,
      rm: true,
    })
    .catch((error: Error) => {
      throw new OmegaError('BUILD_FAILED', `${build.what} could not be built: ${error.message.trim()}`)
    })
  let log = ''
  const failure = await new Promise<string | undefined>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error, events: BuildEvent[] = []) =>
        error && !events.some(failed) ? reject(error) : resolve(events.find(failed)?.error),
      (event: BuildEvent) => {
        const text = event.stream ?? ''
        log = (log + text).slice(-20_000)
        const step = /^Step (\d+\/\d+ : .+)/.exec(text)?.[1]
        if (step) build.onStep?.(step.split('\n')[0]?.slice(0, 100) ?? '')
      },
    )
  })
  if (failure === undefined) return
  throw new OmegaError('BUILD_FAILED', `${build.what} could not be built: ${failure.trim()}`, {
    log: lastLines(log, 20),
  })
}

interface BuildEvent {
  stream?: string
  error?: string
}

const failed = (event: BuildEvent) => event.error !== undefined

/**
 * The Dockerfile cut down to some of its stages. A stage in `made` exists as an image already and is taken from there,
 * so that what it is built from need not be at hand; all others that are not in `stages` are left out.
 */
export function selectStages(dockerfile: string, stages: readonly string[], made: Record<string, string> = {}): string {
  const [head = '', ...rest] = dockerfile.split(/^(?=FROM )/m)
  const parts = rest.map((text) => ({ name: /^FROM \S+ AS (\S+)/.exec(text)?.[1] ?? '', text }))
  const unknown = [...stages, ...Object.keys(made)].find((stage) => !parts.some(({ name }) => name === stage))
  if (unknown) throw new Error(`The Dockerfile has no stage ${unknown}`)
  const kept = parts.flatMap(({ name, text }) => {
    if (made[name]) return [`FROM ${made[name]} AS ${name}\n`]
    return stages.includes(name) ? [text] : []
  })
  return head + kept.join('')
}
