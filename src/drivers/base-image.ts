import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { OmegaError } from '../core/errors.ts'
import { run } from './command.ts'

/** What the images stand on unless the operator says otherwise. */
export const DEFAULT_BASE_IMAGE = 'debian:bookworm-slim'

/** The stand-in for it that is built from Debian's packages where no image registry answers. */
const BOOTSTRAPPED = 'omega-debian:bookworm'

/** A pull that brings no news for so long will bring none. */
const PULL_PATIENCE_MS = 20_000

/**
 * Gives the name of a base image that is in the engine: the wanted one if it is there or can be pulled; instead of the
 * default also one made from Debian's packages. BUILD_FAILED says why neither was possible and what to do.
 */
export async function ensureBaseImage(docker: Docker, wanted: string, say: (line: string) => void): Promise<string> {
  if (await isThere(docker, wanted)) return wanted
  const standIn = wanted === DEFAULT_BASE_IMAGE
  if (standIn && (await isThere(docker, BOOTSTRAPPED))) return BOOTSTRAPPED
  say(`pulling ${wanted}`)
  const refusal = await pull(docker, wanted).then(
    () => undefined,
    (error: Error) => error.message,
  )
  if (refusal === undefined) return wanted
  if (!standIn) throw new OmegaError('BUILD_FAILED', `The base image ${wanted} cannot be pulled: ${refusal}.`)
  say(`no image registry answers (${shorten(refusal)}); making the base image from Debian's packages`)
  await bootstrap(docker, refusal)
  return BOOTSTRAPPED
}

async function isThere(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).inspect()
    return true
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false
    throw error
  }
}

async function pull(docker: Docker, name: string): Promise<void> {
  const abort = new AbortController()
  const give = () => abort.abort(new Error(`no answer within ${PULL_PATIENCE_MS / 1000} s`))
  const timer = setTimeout(give, PULL_PATIENCE_MS)
  try {
    const stream = await docker.pull(name, { abortSignal: abort.signal })
    await new Promise<void>((resolve, reject) => {
      abort.signal.addEventListener('abort', () => reject(abort.signal.reason))
      docker.modem.followProgress(
        stream,
        (error) => (error ? reject(error) : resolve()),
        (event: { error?: string }) => {
          timer.refresh()
          if (event.error) reject(new Error(event.error))
        },
      )
    })
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}

/** debootstrap's smallest Debian, without what is of no use in a container, imported as an image. */
async function bootstrap(docker: Docker, refusal: string): Promise<void> {
  const advice =
    'Let the engine reach an image registry, or load a Debian image (`docker load`) and name it with --base-image, ' +
    'or run this once as root on Debian or Ubuntu with debootstrap installed (`apt-get install debootstrap`).'
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new OmegaError('BUILD_FAILED', `The base image cannot be pulled (${refusal}). ${advice}`)
  }
  const work = await mkdtemp(join(tmpdir(), 'omega-debian-'))
  const root = join(work, 'root')
  try {
    await run('debootstrap', ['--variant=minbase', 'bookworm', root]).catch((error: OmegaError) => {
      const both = `The base image cannot be pulled (${shorten(refusal)}), and ${error.message}`
      throw new OmegaError('BUILD_FAILED', `${both} ${advice}`, error.details)
    })
    const sources = join(root, 'etc/apt/sources.list')
    await writeFile(sources, withUpdates(await readFile(sources, 'utf8')))
    await writeFile(
      join(root, 'etc/dpkg/dpkg.cfg.d/omega'),
      'path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\npath-exclude /usr/share/info/*\n',
    )
    await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    await importFolder(docker, root)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What debootstrap wrote, and beside the release its updates and security updates, which mirrors keep next to it. */
export function withUpdates(sources: string): string {
  const mirror = /^deb (\S+\/debian)\/? bookworm main\s*$/m.exec(sources)?.[1]
  if (mirror === undefined) return sources
  return `deb ${mirror} bookworm main
deb ${mirror} bookworm-updates main
deb ${mirror}-security bookworm-security main
`
}

const useless = ['./proc/*', './sys/*', './dev/*', './tmp/*', './run/*', './var/cache/apt/*', './var/lib/apt/lists/*']
const texts = ['./var/log/*', './usr/share/doc/*', './usr/share/man/*', './usr/share/locale/*', './usr/share/info/*']

async function importFolder(docker: Docker, root: string): Promise<void> {
  const excluded = [...useless, ...texts].map((pattern) => `--exclude=${pattern}`)
  const tar = spawn('tar', ['-C', root, '--numeric-owner', '--one-file-system', ...excluded, '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [repo, tag] = BOOTSTRAPPED.split(':')
  const answer = await docker.importImage(tar.stdout, { repo, tag, changes: 'CMD ["bash"]' })
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(answer, (error, events: { error?: string }[] = []) => {
      const reason = error ?? (events.find((event) => event.error) as { error: string } | undefined)?.error
      if (reason) reject(new OmegaError('BUILD_FAILED', `The engine did not take the base image: ${reason}`))
      else resolve()
    })
  })
}

const shorten = (text: string) => (text.length > 120 ? `${text.slice(0, 117)}...` : text)
