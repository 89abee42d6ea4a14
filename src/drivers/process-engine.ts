import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ContainerEngine, ContainerMark, ContainerSpec, EngineContainer, Timings } from '../core/container.ts'
import { OmegaError } from '../core/errors.ts'
import { isSnapshotId } from '../core/names.ts'
import { freePort } from './free-port.ts'
import type { Logger } from './log.ts'
import { ProcessSnapshots, type SandboxFolders } from './process-snapshots.ts'
import { endTree, haltTree, identify, isAlive, isHalted, type ProcessIdentity, startedOf } from './process-table.ts'

/** Where plain processes get from what containers have in their images. */
export interface ProcessTemplates {
  names(): Promise<string[]>
  /** Folder with the template's template.json. */
  manifestFolder(name: string): string
  /** Folder with its project, dependencies installed, to be copied. Rejects with UNKNOWN_TEMPLATE. */
  project(name: string): Promise<string>
}

export interface ProcessEngineOptions {
  /** Everything of this engine lives in `processes` below it. */
  dataDir: string
  /** The host's address in the fleet; two managers may share a data directory. */
  host: string
  /** Where workers listen: loopback only. */
  listen: string
  /** The built executable, dist/bin/omega.js. */
  omegaPath: string
  templates: ProcessTemplates
  log: Logger
}

const LOG_LIMIT = 1024 * 1024
const LOG_KEPT = 256 * 1024
const STOP_GRACE_MS = 5_000

/**
 * Writes down who it is, then becomes the worker: were the manager to note the process id, one killed in between would
 * leave a process nobody knows. The worker gets a short list of variables instead of the manager's environment, which
 * may hold the fleet's secrets. $1 folder, $2 domain, the rest is the command.
 */
const LAUNCHER = `
folder=$1; domain=$2; claim=$3; shift 3
if [ -r /proc/$$/stat ]; then read -r line < /proc/$$/stat; else line=$(ps -o lstart= -p $$); fi
printf '%s\\n%s\\n' $$ "$line" > "$folder/pid.new" && mv "$folder/pid.new" "$folder/pid" || exit 1
exec env -i PATH="$PATH" HOME="$HOME" LANG="\${LANG-C.UTF-8}" OMEGA_DOMAIN="$domain" OMEGA_CLAIM_HASH="$claim" \\
  \${SHELL+"SHELL=$SHELL"} \${USER+"USER=$USER"} \${TZ+"TZ=$TZ"} \${TMPDIR+"TMPDIR=$TMPDIR"} \\
  \${HTTP_PROXY+"HTTP_PROXY=$HTTP_PROXY"} \${HTTPS_PROXY+"HTTPS_PROXY=$HTTPS_PROXY"} \${NO_PROXY+"NO_PROXY=$NO_PROXY"} \\
  \${NODE_EXTRA_CA_CERTS+"NODE_EXTRA_CA_CERTS=$NODE_EXTRA_CA_CERTS"} "$@"
`

const run = promisify(execFile)

/** Throws INVALID_REQUEST unless it is a loopback address: who reaches what is not isolated is on this machine already. */
export function requireLoopback(address: string): void {
  if (/^127(\.\d{1,3}){3}$|^::1$/.test(address)) return
  throw new OmegaError(
    'INVALID_REQUEST',
    `The process runtime does not isolate sandboxes and was asked to serve ${address}. It serves loopback only (127.0.0.0/8): install Docker, or use a loopback --address and --listen.`,
  )
}

/**
 * Workers as plain processes of this machine, where there is no container engine. It does not isolate: a sandbox can do
 * what the user running omega can do, so it serves loopback only. A sandbox is a folder:
 *
 *     processes/KEY/spec.json  what it is          pid        id and start time of its worker
 *                   project/   its files           port       where the worker listens
 *                   state/     the worker's own    mark.json  whose it is, once a sandbox took it
 *                                                  log        what the worker wrote, bounded
 */
export class ProcessEngine implements ContainerEngine {
  readonly runtime = 'process'
  readonly snapshots: ProcessSnapshots
  readonly #options: ProcessEngineOptions
  readonly #root: string
  #swept = false

  constructor(options: ProcessEngineOptions) {
    requireLoopback(options.listen)
    this.#options = options
    this.#root = join(options.dataDir, 'processes')
    this.snapshots = new ProcessSnapshots(options.dataDir, options.host, (key) => this.#foldersOf(key))
    options.log.warn(
      { runtime: 'process' },
      'NO ISOLATION: sandboxes run as plain processes of this machine, with all rights of the user who runs omega. Install Docker to run code you do not trust.',
    )
  }

  async ping(): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 })
    if (this.#swept) return
    this.#swept = true
    // What a killed manager left half made or half removed. Another manager may be making one just now: by age.
    for (const name of await readdir(this.#root)) {
      if (!/\.(new|gone)$/.test(name)) continue
      const { mtimeMs } = await stat(join(this.#root, name)).catch(() => ({ mtimeMs: Date.now() }))
      if (Date.now() - mtimeMs > 10 * 60_000) await rm(join(this.#root, name), { recursive: true, force: true })
    }
  }

  async start(spec: ContainerSpec): Promise<{ container: EngineContainer; timings: Timings }> {
    return this.#make(spec, await this.#options.templates.project(spec.template))
  }

  async copy(source: string, spec: ContainerSpec): Promise<{ container: EngineContainer; timings: Timings }> {
    const from = isSnapshotId(source) ? this.snapshots.foldersOf(source) : await this.#foldersOf(source)
    return this.#make(spec, from.project, from.state)
  }

  async #foldersOf(key: string): Promise<SandboxFolders> {
    const folder = this.#folder((await this.#need(key)).spec.key)
    return { project: join(folder, 'project'), state: join(folder, 'state') }
  }

  async #make(
    spec: ContainerSpec,
    project: string,
    state?: string,
  ): Promise<{ container: EngineContainer; timings: Timings }> {
    const folder = this.#folder(spec.key)
    const begun = performance.now()
    await this.#prepare(folder, spec, project, state)
    const created = performance.now()
    await this.#spawn(folder, spec)
    const timings = { create: created - begun, start: performance.now() - created }
    return { container: this.#toContainer(await this.#need(spec.key)), timings }
  }

  /** Makes the folder under another name first, so that it is there whole or not at all. */
  async #prepare(folder: string, spec: ContainerSpec, project: string, state: string | undefined): Promise<void> {
    const half = `${folder}.new`
    await rm(half, { recursive: true, force: true })
    await mkdir(half, { recursive: true, mode: 0o700 })
    // cp -a is many times faster than Node's own copy for a folder of dependencies.
    await run('cp', ['-a', `${project}/.`, join(half, 'project')])
    if (state === undefined) await mkdir(join(half, 'state'), { mode: 0o700 })
    else await run('cp', ['-a', state, join(half, 'state')])
    // Of the one it is a copy of; its own app must not want the same port of the same machine.
    await rm(join(half, 'state/app-port'), { force: true })
    const stored: Stored = { ...spec, host: this.#options.host, createdAt: Date.now() }
    await writeFile(join(half, 'spec.json'), JSON.stringify(stored))
    await rename(half, folder)
  }

  async #spawn(folder: string, spec: ContainerSpec): Promise<void> {
    const { omegaPath, listen, templates } = this.#options
    await rm(join(folder, 'pid'), { force: true })
    const port = await freePort(listen)
    await writeFile(join(folder, 'port'), String(port))
    const output = await open(join(folder, 'log'), 'a', 0o600)
    try {
      const worker = [process.execPath, omegaPath, 'serve', '--role=worker', '--listen', listen]
      const places = [
        '--root',
        join(folder, 'project'),
        '--template-dir',
        templates.manifestFolder(spec.template),
        // Its neighbours' apps want the same port of the same machine.
        '--app-port',
        '0',
        '--state-dir',
        join(folder, 'state'),
      ]
      const child = spawn(
        '/bin/sh',
        ['-c', LAUNCHER, 'sh', folder, spec.domain, spec.claimHash, ...worker, '--port', String(port), ...places],
        { cwd: join(folder, 'project'), detached: true, stdio: ['ignore', output.fd, output.fd] },
      )
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
      child.unref()
    } finally {
      await output.close()
    }
    for (let wait = 0; wait < 1000 && !existsSync(join(folder, 'pid')); wait++) await pause(2)
  }

  async mark(key: string, mark: ContainerMark): Promise<void> {
    await this.#need(key)
    const file = join(this.#folder(key), 'mark.json')
    const half = `${file}.${randomBytes(6).toString('hex')}`
    await writeFile(half, JSON.stringify(mark))
    await rename(half, file)
  }

  async inspect(key: string): Promise<(EngineContainer & { restarts: number }) | undefined> {
    const found = await this.#read(key)
    return found ? { ...this.#toContainer(found), restarts: 0 } : undefined
  }

  async resume(key: string): Promise<EngineContainer> {
    const found = await this.#need(key)
    const folder = this.#folder(key)
    if (!found.process) await this.#spawn(folder, found.spec)
    else if (isHalted(found.process)) haltTree(found.process, await realpath(folder), false)
    return this.#toContainer(await this.#need(key))
  }

  async freeze(key: string): Promise<void> {
    const found = await this.#need(key)
    if (found.process) haltTree(found.process, await realpath(this.#folder(key)), true)
  }

  async stop(key: string): Promise<void> {
    const found = await this.#read(key)
    if (!found) return
    const folder = await realpath(this.#folder(key))
    // What is halted cannot take its leave.
    if (found.process && isHalted(found.process)) haltTree(found.process, folder, false)
    await endTree(found.process, folder, STOP_GRACE_MS)
  }

  async remove(key: string): Promise<void> {
    const folder = this.#folder(key)
    if (!existsSync(folder)) return
    // Nobody needs what a sandbox would save on its way out of existence.
    const place = await realpath(folder).catch(() => folder)
    await endTree((await this.#read(key))?.process, place, 0)
    // Under another name first: what is half deleted is no sandbox. Another call may have been faster.
    const doomed = `${folder}.${randomBytes(6).toString('hex')}.gone`
    const mine = await rename(folder, doomed).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false
        throw error
      },
    )
    if (mine) await rm(doomed, { recursive: true, force: true, maxRetries: 5 })
  }

  async list(): Promise<EngineContainer[]> {
    const names = await readdir(this.#root).catch(() => [])
    const found = await Promise.all(names.filter(isKey).map((name) => this.#read(name)))
    await Promise.all(found.map((container) => container && this.#boundLog(container.spec.key)))
    return found.flatMap((container) => (container ? this.#toContainer(container) : []))
  }

  async logs(key: string, tail: number): Promise<string> {
    await this.#need(key)
    const text = await readFile(join(this.#folder(key), 'log'), 'utf8').catch(() => '')
    const lines = text.split('\n')
    const ended = lines.at(-1) === ''
    return lines.slice(Math.max(0, lines.length - tail - (ended ? 1 : 0))).join('\n')
  }

  async sweep(): Promise<void> {
    // A copy is a folder like any other.
  }

  templates(): Promise<string[]> {
    return this.#options.templates.names()
  }

  async close(): Promise<void> {
    // The workers are not our children any more; nothing is held open.
  }

  #folder(key: string): string {
    if (!isKey(key)) throw new OmegaError('INVALID_REQUEST', 'This is not the key of a container.')
    return join(this.#root, key)
  }

  async #need(key: string): Promise<Found> {
    const found = await this.#read(key)
    if (found) return found
    throw new OmegaError('SANDBOX_NOT_FOUND', `This host has no container ${key}.`)
  }

  async #read(key: string): Promise<Found | undefined> {
    const folder = this.#folder(key)
    try {
      const { host, createdAt, ...spec } = JSON.parse(await readFile(join(folder, 'spec.json'), 'utf8')) as Stored
      if (host !== this.#options.host) return undefined
      const worker = await readIdentity(join(folder, 'pid'))
      const alive = worker && (await isAlive(worker)) ? worker : undefined
      const marked = await readFile(join(folder, 'mark.json'), 'utf8').catch(() => undefined)
      const port = Number(await readFile(join(folder, 'port'), 'utf8').catch(() => '0'))
      const mark = marked === undefined ? undefined : (JSON.parse(marked) as ContainerMark)
      return { spec, createdAt, process: alive, mark, port }
    } catch {
      return undefined
    }
  }

  #toContainer({ spec, createdAt, process: worker, mark, port }: Found): EngineContainer {
    const { key, template, domain } = spec
    const state = !worker ? 'stopped' : isHalted(worker) ? 'asleep' : 'running'
    const at = worker && port > 0 ? { address: this.#options.listen, port } : undefined
    return { key, template, domain, state, createdAt, mark, at }
  }

  /** The worker appends to its log whether we live or not, so it is cut where it lies; a few lines may be lost. */
  async #boundLog(key: string): Promise<void> {
    const path = join(this.#folder(key), 'log')
    try {
      const { size } = await stat(path)
      if (size <= LOG_LIMIT) return
      const file = await open(path, 'r+')
      try {
        const kept = Buffer.alloc(LOG_KEPT)
        const { bytesRead } = await file.read(kept, 0, LOG_KEPT, size - LOG_KEPT)
        await truncate(path, 0)
        await file.write(kept, 0, bytesRead, 0)
      } finally {
        await file.close()
      }
    } catch {
      // Removed meanwhile.
    }
  }
}

type Stored = ContainerSpec & { host: string; createdAt: number }
interface Found {
  spec: ContainerSpec
  createdAt: number
  process: ProcessIdentity | undefined
  mark: ContainerMark | undefined
  /** Where its worker was told to listen. */
  port: number
}

/** Process id and, as the launcher saw it, either a line of /proc/PID/stat or the date `ps` gives. */
async function readIdentity(path: string): Promise<ProcessIdentity | undefined> {
  const [pid = '', line = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n')
  if (!/^\d+$/.test(pid)) return undefined
  const started = line.includes(')') ? startedOf(line) : line.trim().split(/\s+/).join(' ')
  return started === undefined ? identify(Number(pid)) : { pid: Number(pid), started }
}

function isKey(name: string): boolean {
  return /^ct_[0-9a-z]{20}$/.test(name)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
