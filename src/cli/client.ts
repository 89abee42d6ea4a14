import type { IncomingMessage } from 'node:http'
import { OmegaError } from '../core/errors.ts'
import type { ExecBegin } from '../core/wire/exec.ts'
import type { ExecStreams, RemoteCommand } from '../drivers/exec-client.ts'
import { type CallOptions, call, send } from '../drivers/http-client.ts'
import { openStream, type StreamOptions } from '../drivers/http-stream.ts'
import { readConfig, settingsAmong } from './config.ts'
import { dataDirOf, readLogin } from './data-dir.ts'

/** The master as the command line sees it. */
export class Client {
  readonly url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.url = url.replace(/\/+$/, '')
    this.#token = token
  }

  call<T>(path: string, options: CallOptions = {}): Promise<T> {
    return call<T>(`${this.url}${path}`, { token: this.#token, timeoutMs: 120_000, ...options })
  }

  send(path: string, options: CallOptions = {}): Promise<Response> {
    return send(`${this.url}${path}`, { token: this.#token, timeoutMs: 24 * 3_600_000, ...options })
  }

  /** For bodies and answers that may take as long as they do. */
  stream(path: string, options: StreamOptions = {}): Promise<IncomingMessage> {
    return openStream(`${this.url}${path}`, { token: this.#token, ...options })
  }

  /** Runs a command over a WebSocket. */
  async exec(path: string, begin: ExecBegin, streams: ExecStreams): Promise<RemoteCommand> {
    const { execRemotely } = await import('../drivers/exec-client.ts')
    return execRemotely(`${this.url}${path}`, this.#token, begin, streams)
  }
}

/** From flags, `OMEGA_URL` and `OMEGA_TOKEN`, or what `omega up` and `omega login` left in the data directory. */
export function openClient(flags: Record<string, unknown>): Client {
  const config = readConfig(settingsAmong(flags, 'client'))
  const login = readLogin(dataDirOf(config))
  const url = config.text('url') ?? login?.url
  const token = config.text('token') ?? login?.token
  if (url && token) return new Client(url, token)
  throw new OmegaError(
    'UNAUTHENTICATED',
    `There is no ${url ? 'token' : 'master'} to talk to. Start one here with \`omega up\`, sign in to one with \`omega login URL\`, or set OMEGA_URL and OMEGA_TOKEN.`,
  )
}
