import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const executable = resolve(import.meta.dirname, '../../dist/bin/omega.js')

export interface Finished {
  code: number
  stdout: string
  stderr: string
}

/** Runs the built command line to its end. */
export function omega(args: string[], env: Record<string, string> = {}, input = ''): Promise<Finished> {
  return run('node', [executable, ...args], env, input)
}

/** Runs any program to its end. */
export function run(program: string, args: string[], env: Record<string, string> = {}, input = ''): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { env: { ...process.env, ...env } })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk
    })
    child.once('error', fail)
    child.once('close', (code) => done({ code: code ?? -1, stdout, stderr }))
    // A program that ended early reads no more.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** A long-running omega process and what it has said so far. */
export class OmegaProcess {
  readonly #child: ChildProcess
  #output = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        this.#output += chunk
      })
    }
  }

  /** Starts it and waits until it has said `ready`. */
  static async start(args: string[], ready: RegExp, env: Record<string, string> = {}): Promise<OmegaProcess> {
    const it = new OmegaProcess(spawn('node', [executable, ...args], { env: { ...process.env, ...env } }))
    await it.said(ready)
    return it
  }

  get output(): string {
    return this.#output
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves with the match once the output has it. */
  async said(pattern: RegExp, timeoutMs = 120_000): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await pause(25)) {
      const match = pattern.exec(this.#output)
      if (match) return match
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) break
    }
    throw new Error(`omega did not say ${pattern}. It said:\n${this.#output.slice(-4000)}`)
  }

  /** Sends a signal and waits for the end; gives the exit code, or -1 after a signal. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((done) => this.#child.once('close', done))
      this.#child.kill(signal)
      await ended
    }
    return this.#child.exitCode ?? -1
  }
}

export const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Tries `check` until it gives a value other than undefined or false. */
export async function eventually<T>(
  check: () => Promise<T | undefined | false>,
  what: string,
  timeoutMs = 60_000,
): Promise<T> {
  let last: unknown
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await pause(100)) {
    try {
      const value = await check()
      if (value !== undefined && value !== false) return value
    } catch (error) {
      last = error
    }
  }
  throw new Error(`It did not come to pass that ${what}${last ? ` (${String(last)})` : ''}.`)
}

/** A data directory of its own, with the command line signed in to whatever runs from it. */
export async function temporaryDataDir(): Promise<{
  path: string
  env: Record<string, string>
  remove(): Promise<void>
}> {
  const path = await mkdtemp(join(tmpdir(), 'omega-data-'))
  return {
    path,
    env: { OMEGA_DATA_DIR: path },
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

export async function loginOf(
  dataDir: string,
): Promise<{ url: string; token: string; dnsUrl: string; dnsToken: string }> {
  return JSON.parse(await readFile(join(dataDir, 'login.json'), 'utf8'))
}

export interface CreatedSandbox {
  id: string
  name: string
  subdomain: string
  domain: string
  host: string
  port: number
  url: string
  template: string
  state: string
  createdAt: string
  openUrl: string
  token: string
}

/** `omega sandbox create --json`, which has to work. */
export async function createSandbox(env: Record<string, string>, ...args: string[]): Promise<CreatedSandbox> {
  const { code, stdout, stderr } = await omega(['sandbox', 'create', '--json', ...args], env)
  if (code !== 0) throw new Error(`create failed (${code}): ${stderr}`)
  return JSON.parse(stdout)
}

/** The addresses `dig +short` gives. */
export function dig(port: number, name: string, type = 'A', ...more: string[]): Promise<string[]> {
  return digAt('127.0.0.1', port, name, type, ...more)
}

export async function digAt(server: string, port: number, name: string, ...more: string[]): Promise<string[]> {
  const { stdout } = await run('dig', ['+short', '+time=2', '+tries=2', `@${server}`, '-p', `${port}`, name, ...more])
  return stdout.split('\n').filter(Boolean)
}
