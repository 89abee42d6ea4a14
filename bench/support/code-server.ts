import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const checkout = resolve(import.meta.dirname, '../..')

/** code-server as a person starts it for one folder, on loopback, with data directories of its own. */
export class CodeServer {
  readonly port: number
  readonly #child: ChildProcess
  readonly #data: string

  private constructor(child: ChildProcess, data: string, port: number) {
    this.#child = child
    this.#data = data
    this.port = port
  }

  /**
   * Undefined, having said why, when there is none and it cannot be installed. OMEGA_BENCH_CODE_SERVER names the folder
   * of another installation (the one with node_modules) than .cache/code-server.
   */
  static async start(project: string): Promise<CodeServer | undefined> {
    const folder = installed()
    if (folder === undefined) return undefined
    const data = await mkdtemp(join(tmpdir(), 'omega-code-server-'))
    const entry = join(folder, 'node_modules/code-server/out/node/entry.js')
    const options = [
      ...['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--config', join(data, 'config.yaml')],
      ...['--user-data-dir', join(data, 'user'), '--extensions-dir', join(data, 'extensions')],
      // A dialog that asks for trust would be in the way, and nothing outside of this machine is asked.
      ...['--disable-workspace-trust', '--disable-telemetry', '--disable-update-check'],
    ]
    // A group of its own: its parts are processes that do not all end with it.
    const child = spawn(nodeOf(folder), [entry, ...options, project], {
      detached: true,
      env: { ...process.env, SHELL: '/bin/bash' },
    })
    try {
      return new CodeServer(child, data, await portOf(child))
    } catch (error) {
      end(child)
      await rm(data, { recursive: true, force: true })
      throw error
    }
  }

  /** All its processes: itself and what it has started. */
  get pids(): number[] {
    return withDescendants(this.#child.pid ?? 0)
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.#child.once('close', done))
    // Terminals are groups of their own.
    for (const pid of this.pids.reverse()) kill(pid)
    end(this.#child)
    await ended
    await rm(this.#data, { recursive: true, force: true, maxRetries: 5 })
  }
}

function installed(): string | undefined {
  const { OMEGA_BENCH_CODE_SERVER: given } = process.env
  if (given !== undefined && given !== '') return resolve(given)
  const folder = join(checkout, '.cache/code-server')
  try {
    execFileSync(process.execPath, [join(checkout, 'bench/support/install-code-server.mjs'), folder], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    return folder
  } catch {
    console.error('So nothing is compared with code-server.')
    return undefined
  }
}

/** The Node.js beside an installation, whichever package it came in. */
function nodeOf(folder: string): string {
  const places = [`node-linux-${process.arch}`, 'node'].map((name) => join(folder, 'node_modules', name, 'bin/node'))
  const found = places.find(existsSync)
  if (found === undefined) throw new Error(`There is no Node.js beside code-server in ${folder}.`)
  return found
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-10_000)
        const found = /HTTP server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)
        if (found) done(Number(found[1]))
      })
    }
    child.once('error', fail)
    child.once('close', () => fail(new Error(`code-server ended. It said:\n${output}`)))
  })
}

function withDescendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      // pid (name, which may hold anything) state parent ...
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It has ended.
    }
  }
  const below = (parent: number): number[] => [
    parent,
    ...[...parents].filter(([, of]) => of === parent).flatMap(([child]) => below(child)),
  ]
  return below(pid)
}

function end(child: ChildProcess): void {
  if (child.pid !== undefined) kill(-child.pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
