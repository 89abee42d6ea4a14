import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { request } from 'node:http'
import { encode } from 'dns-packet'
import type { CreatedSandbox, HostView } from '../../src/core/wire/http.ts'
import { derive } from '../../src/drivers/credentials.ts'
import { removeFleet } from '../../test/support/docker.ts'
import { loginOf, OmegaProcess, omega, temporaryDataDir } from '../../test/support/omega.ts'

const DOMAIN = 'omega.localhost'
const MANAGER_PORT = 25_900
const SECRET = randomBytes(32).toString('base64url')
const ports =
  `--port 0 --manager-port ${MANAGER_PORT} --dns-port 0 --dns-http-port 0 --sandbox-ports 25000-25499`.split(' ')

export interface SandboxEvent {
  at: string
  event: string
  data: Record<string, unknown>
}

/**
 * Docker, or `process` by OMEGA_BENCH_RUNTIME: workers as plain processes, where there is no engine. What is said of pages
 * and terminals holds for both; creating and memory are measured with Docker only.
 */
const runtime = process.env.OMEGA_BENCH_RUNTIME || 'docker'

/** `omega up` as a person starts it, with a fleet and a data directory of its own. */
export class Installation {
  readonly fleet: string
  readonly dnsPort: number
  readonly #process: OmegaProcess
  readonly #data: { path: string; remove(): Promise<void> }
  readonly #login: { url: string; token: string }

  private constructor(
    fleet: string,
    process: OmegaProcess,
    data: { path: string; remove(): Promise<void> },
    login: { url: string; token: string },
  ) {
    this.fleet = fleet
    this.#process = process
    this.#data = data
    this.#login = login
    this.dnsPort = Number(/on port (\d+)/.exec(process.output)?.[1])
  }

  /** Without containers that are ready, unless `options` says otherwise. */
  static async start(capacity = 64, options: string[] = ['--warm', '0']): Promise<Installation> {
    const fleet = `bench${process.pid}`
    const data = await temporaryDataDir()
    try {
      if (runtime === 'docker') await buildImages(data.env)
      const all = ['--fleet', fleet, '--runtime', runtime, '--capacity', `${capacity}`, ...ports, ...options]
      const up = await OmegaProcess.start(['up', ...all], /Ctrl-C stops/, { ...data.env, OMEGA_SECRET: SECRET })
      return new Installation(fleet, up, data, await loginOf(data.path))
    } catch (error) {
      await data.remove()
      throw error
    }
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Resolves with the answer to `POST /v1/sandboxes`. */
  async create(template: string): Promise<CreatedSandbox> {
    return (await this.#call('POST', '/v1/sandboxes', { template })) as CreatedSandbox
  }

  /** `POST /v1/sandboxes/ID/WHAT`. */
  post(sandbox: CreatedSandbox, what: string, body: object = {}): Promise<unknown> {
    return this.#call('POST', `/v1/sandboxes/${sandbox.id}/${what}`, body)
  }

  /** As the sandbox's manager does with one that nobody uses. */
  async freeze({ id }: CreatedSandbox): Promise<void> {
    const address = '127.0.0.1'
    const response = await fetch(`http://${address}:${MANAGER_PORT}/v1/containers/${id}/freeze`, {
      method: 'POST',
      headers: { authorization: `Bearer ${derive(SECRET, `host/${address}`)}` },
    })
    if (!response.ok) throw new Error(`The manager answered ${response.status} to freeze: ${await response.text()}`)
  }

  async events(sandbox: CreatedSandbox): Promise<SandboxEvent[]> {
    const { events } = (await this.#call('GET', `/v1/sandboxes/${sandbox.id}/events`)) as { events: SandboxEvent[] }
    return events
  }

  async delete(sandbox: CreatedSandbox): Promise<void> {
    await this.#call('DELETE', `/v1/sandboxes/${sandbox.id}`)
  }

  async hosts(): Promise<HostView[]> {
    const { hosts } = (await this.#call('GET', '/v1/hosts')) as { hosts: HostView[] }
    return hosts
  }

  /** Whether omega's dns gives an address for the sandbox's name, in one query. */
  resolves(sandbox: CreatedSandbox): Promise<boolean> {
    return hasAddress(this.dnsPort, `${sandbox.subdomain}.${DOMAIN}`)
  }

  async close(): Promise<void> {
    await this.#process.stop()
    if (runtime === 'docker') await removeFleet(this.fleet)
    await this.#data.remove()
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(new URL(path, this.#login.url), {
      method,
      headers: {
        authorization: `Bearer ${this.#login.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

async function buildImages(env: Record<string, string>): Promise<void> {
  const built = await omega(['template', 'build', 'static', 'react'], env)
  if (built.code !== 0) throw new Error(`The images could not be built (run npm test once): ${built.stderr}`)
}

/** The Host header of a sandbox's page. */
export function hostOf(sandbox: CreatedSandbox): string {
  return `${sandbox.subdomain}.${sandbox.domain}:${sandbox.port}`
}

export const bearerOf = (sandbox: CreatedSandbox) => ({ authorization: `Bearer ${sandbox.token}` })

/** Signs in by the one-time link and gets the page, as a browser does. */
export async function openPage(sandbox: CreatedSandbox): Promise<void> {
  const { pathname, search } = new URL(sandbox.openUrl)
  const entered = await ask(sandbox.port, hostOf(sandbox), pathname + search)
  const cookie = entered.cookie?.split(';')[0]
  if (entered.status !== 303 || cookie === undefined) throw new Error(`The sign-in link answered ${entered.status}.`)
  const page = await ask(sandbox.port, hostOf(sandbox), '/', { cookie, accept: 'text/html' })
  if (page.status !== 200 || !page.body.includes('<script')) throw new Error(`The page answered ${page.status}.`)
}

/** One request on a connection of its own to a port of this machine. */
export function ask(
  port: number,
  host: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; cookie: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, agent: false, headers: { host, ...headers } }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (part) => {
        body += part
      })
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, cookie: answer.headers['set-cookie']?.[0], body }),
      )
      answer.once('error', reject)
    })
    call.once('error', reject)
    call.end()
  })
}

/** Asks for an A record by UDP; false unless the answer is NOERROR with at least one record. */
export function hasAddress(port: number, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    const timer = setTimeout(() => settle(() => reject(new Error(`No answer for ${name} within 2 s.`))), 2_000)
    const settle = (then: () => void) => {
      clearTimeout(timer)
      socket.close()
      then()
    }
    socket.once('message', (answer) =>
      settle(() => resolve(((answer[3] ?? 0xf) & 0xf) === 0 && answer.readUInt16BE(6) > 0)),
    )
    socket.once('error', (error) => settle(() => reject(error)))
    socket.send(encode({ type: 'query', id: 1, questions: [{ type: 'A', name }] }), port, '127.0.0.1')
  })
}
