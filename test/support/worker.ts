import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request as openRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import {
  decodeMessage,
  encodeMessage,
  type Frame,
  isNumbered,
  type Opening,
  Tag,
  type Welcome,
} from '../../src/core/wire/frames.ts'
import type { Attached } from '../../src/core/wire/operations/terminals.ts'
import type { EventName, Events, Operation, Params, Results } from '../../src/core/wire/operations.ts'
import { SessionEnd } from '../../src/core/wire/session.ts'
import type { Claim } from '../../src/core/wire/worker.ts'
import { mintTicket } from '../../src/drivers/credentials.ts'
import { systemClock } from '../../src/drivers/system-clock.ts'
import { start, type WorkerConfig } from '../../src/roles/worker/index.ts'

export const TOKEN = 'sandbox-token-0123456789-0123456789'
/** The public port is not the one it listens on, as with a container. */
export const PUBLIC_PORT = 20_001
export const DOMAIN = 'omega.localhost'
export const SUBDOMAIN = 'abcdef'
export const HOST = `${SUBDOMAIN}.${DOMAIN}:${PUBLIC_PORT}`
export const ORIGIN = `http://${HOST}`
export const BEARER = { authorization: `Bearer ${TOKEN}` }

export function claimOf(changes: Partial<Claim> = {}): Claim {
  return {
    sandboxId: 'sb_00000000000000000000000000',
    name: 'my-app',
    subdomain: SUBDOMAIN,
    domain: DOMAIN,
    template: 'tiny',
    port: PUBLIC_PORT,
    token: TOKEN,
    masterUrl: 'http://omega.localhost:8080',
    env: {},
    ...changes,
  }
}

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
  json: Record<string, unknown>
}

export type Ask = { method?: string; host?: string; headers?: Record<string, string>; body?: string | object }

/** A real worker with a project of its own in a temporary folder. */
export class TestWorker {
  readonly folder: string
  readonly root: string
  readonly config: WorkerConfig
  readonly logged: string[] = []
  url = ''
  port = 0
  #close: () => Promise<void> = async () => undefined
  readonly #clients: WireClient[] = []

  private constructor(startCommand: string, appPort: number, changes: Partial<WorkerConfig>) {
    this.folder = mkdtempSync(join(tmpdir(), 'omega-worker-'))
    // Shells must not run the start-up files of whoever runs the tests.
    process.env.HOME = this.folder
    this.root = join(this.folder, 'project')
    mkdirSync(this.root)
    mkdirSync(join(this.folder, 'template'))
    const manifest = { title: 'Tiny', description: 'For tests', icon: 'x', port: appPort, start: startCommand }
    writeFileSync(join(this.folder, 'template/template.json'), JSON.stringify({ ...manifest, open: 'main.js' }))
    this.config = {
      listen: '127.0.0.1',
      port: 0,
      root: this.root,
      templateDir: join(this.folder, 'template'),
      stateDir: join(this.folder, 'state'),
      domain: DOMAIN,
      appPort: undefined,
      isolated: true,
      pageDir: join(this.folder, 'page'),
      log: pino({ level: 'info' }, { write: (line: string) => void this.logged.push(line) }),
      ...changes,
    }
  }

  static async boot(
    options: { start?: string; appPort?: number; claim?: false | Claim; config?: Partial<WorkerConfig> } = {},
  ): Promise<TestWorker> {
    const worker = new TestWorker(options.start ?? 'true', options.appPort ?? 0, options.config ?? {})
    await worker.start()
    if (options.claim !== false) await worker.claim(options.claim)
    return worker
  }

  async start(overrides: Partial<WorkerConfig> = {}): Promise<void> {
    const role = await start({ ...this.config, ...overrides })
    this.url = role.url
    this.port = Number(new URL(role.url).port)
    this.#close = () => role.close()
  }

  /** Stops the worker under its clients, keeping its folders, as a restart does. */
  stopRole(): Promise<void> {
    return this.#close()
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.end()
    await this.stopRole()
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  claim(claim: Claim = claimOf()): Promise<Answer> {
    return this.ask('/_omega/claim', { method: 'POST', body: claim, host: `127.0.0.1:${this.port}` })
  }

  /** One HTTP request with the Host given, whatever is connected to. */
  ask(path: string, { method = 'GET', host = HOST, headers = {}, body }: Ask = {}): Promise<Answer> {
    const payload = typeof body === 'object' ? JSON.stringify(body) : body
    const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {}
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, path, method, agent: false as const }
      const request = openRequest({ ...options, headers: { host, ...type, ...headers } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          let json: Record<string, unknown> = {}
          try {
            json = JSON.parse(text)
          } catch {
            // Not every answer is JSON.
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, json })
        })
      })
      request.on('error', reject)
      request.end(payload)
    })
  }

  /** The same, with each piece of the body as it comes. */
  stream(path: string, { host = HOST, headers = {} }: Ask, onText: (text: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, path, agent: false as const, headers: { host, ...headers } }
      openRequest(options, (response) => {
        response.on('data', (chunk: Buffer) => onText(chunk.toString()))
        response.on('error', reject)
        response.on('end', resolve)
      })
        .on('error', reject)
        .end()
    })
  }

  /** Sends bytes as they are and gives all that comes back until the connection ends. */
  raw(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = ''
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes))
      socket.setTimeout(3_000, () => socket.destroy())
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
    })
  }

  /** The cookie of a browser that came with a good ticket. */
  async signIn(previewOf?: number): Promise<string> {
    const audience = previewOf === undefined ? 'ide' : `preview/${previewOf}`
    const host = previewOf === undefined ? HOST : `${previewOf}-${HOST}`
    const ticket = mintTicket(TOKEN, audience, Date.now() + 60_000)
    const answer = await this.ask(`/_omega/enter?token=${ticket}&to=/`, { host })
    return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? `no cookie, but ${answer.status} ${answer.body}`
  }

  /** A WebSocket that has said nothing yet. */
  async connectRaw(): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/_omega/ws`, { headers: { host: HOST, ...BEARER } })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    socket.on('error', () => undefined)
    return socket
  }

  async connect(headers: Record<string, string> = BEARER, host: string = HOST): Promise<WireClient> {
    const client = new WireClient(this.port, headers, host)
    this.#clients.push(client)
    await client.opened
    return client
  }
}

/** A page as PROTOCOL.md describes it, that paints as fast as it is told to. Its session may go on over a new socket. */
export class WireClient {
  socket: WebSocket
  opened: Promise<void>
  /** Resolves with the close code. */
  closed: Promise<number>
  welcome: Welcome | undefined
  readonly events: { event: EventName; data: unknown }[] = []
  /** What came on a channel, as a binary string. */
  readonly output = new Map<number, string>()
  /** Bytes that came, by channel. */
  readonly received = new Map<number, number>()
  readonly session: SessionEnd
  paints = true
  readonly #address: { port: number; headers: Record<string, string> }
  readonly #listeners = new Map<number, (payload: Uint8Array) => void>()
  /** What came on channels before anybody listened. */
  readonly #early = new Map<number, Uint8Array[]>()
  #next = 1
  readonly #waiting = new Map<number, (answer: { ok?: unknown; problem?: { code: string; detail: string } }) => void>()
  #wake: (() => void)[] = []

  constructor(port: number, headers: Record<string, string>, host: string) {
    this.#address = { port, headers: { host, ...headers } }
    this.session = new SessionEnd({ clock: systemClock, deliver: (frame) => this.#deliver(frame) })
    const { socket, opened, closed } = this.#connect({ received: 0 })
    this.socket = socket
    this.opened = opened
    this.closed = closed
  }

  /** Cuts the connection without a word, and goes on with the session over another one. */
  async reconnect(): Promise<void> {
    this.cut()
    const session = this.welcome?.session
    const opening = { received: this.session.received, ...(session === undefined ? {} : { session }) }
    Object.assign(this, this.#connect(opening))
    await this.opened
  }

  /** The connection is gone, as far as we are concerned. */
  cut(): void {
    this.session.suspend()
    this.socket.removeAllListeners('message')
    this.socket.terminate()
  }

  async request<O extends Operation>(op: O, params: Params<O>): Promise<Results[O]> {
    const { ok, problem } = await this.attempt(op, params)
    if (problem) throw new Error(`${op}: ${problem.code} ${problem.detail}`)
    return ok as Results[O]
  }

  attempt(op: string, params: unknown): Promise<{ ok?: unknown; problem?: { code: string; detail: string } }> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.control({ id, op, params })
    })
  }

  control(value: unknown): void {
    this.send({ tag: Tag.control, payload: Buffer.from(JSON.stringify(value)) })
  }

  send(frame: Frame): void {
    this.session.send(frame)
  }

  type(channel: number, text: string): void {
    this.send({ tag: Tag.data, channel, payload: Buffer.from(text) })
  }

  paint(channel: number, bytes: number): void {
    this.send({ tag: Tag.painted, channel, bytes })
  }

  /** Takes what comes on a channel that is no terminal's, what came already included. */
  listen(channel: number, listener: (payload: Uint8Array) => void): void {
    this.#listeners.set(channel, listener)
    for (const payload of this.#early.get(channel) ?? []) listener(payload)
    this.#early.delete(channel)
  }

  /** Opens a shell with a prompt that no rc file changes. */
  async shell(): Promise<Attached> {
    const shell = await this.request('terminal.open', { cols: 80, rows: 24 })
    this.type(shell.channel, "PS1='rea''dy> '; PS0=; PROMPT_COMMAND=(); unset HISTFILE\n")
    await this.sees(shell.channel, 'ready> ')
    return shell
  }

  /** Waits until the channel's output holds the text; gives the output. */
  async sees(channel: number, text: string): Promise<string> {
    await this.until(() => this.output.get(channel)?.includes(text) ?? false)
    return this.output.get(channel) ?? ''
  }

  async event<E extends EventName>(name: E, matches: (data: Events[E]) => boolean = () => true): Promise<Events[E]> {
    const find = () => this.events.find(({ event, data }) => event === name && matches(data as Events[E]))
    await this.until(() => find() !== undefined)
    return find()?.data as Events[E]
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.socket.readyState > WebSocket.OPEN) throw new Error('the connection is closed')
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  end(): void {
    this.socket.terminate()
  }

  #connect(opening: Opening) {
    const { port, headers } = this.#address
    const socket = new WebSocket(`ws://127.0.0.1:${port}/_omega/ws`, { headers })
    const opened = new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => {
        socket.send(encodeMessage({ tag: Tag.open, payload: Buffer.from(JSON.stringify(opening)) }))
        if (opening.session === undefined) {
          this.session.resume((bytes) => socket.send(bytes), 0)
          resolve()
        }
      })
      socket.on('message', (data: Buffer) => {
        const message = decodeMessage(data)
        if (message?.tag === Tag.welcome) {
          this.welcome = JSON.parse(Buffer.from(message.payload).toString()) as Welcome
          if (opening.session !== undefined) {
            if (this.welcome.resumed) this.session.resume((bytes) => socket.send(bytes), this.welcome.received)
            resolve()
          }
        } else if (message?.tag === Tag.ack) this.session.acknowledge(message.received)
        else if (message && isNumbered(message)) this.session.receive(message, data.length)
        this.#signal()
      })
    })
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#signal())
    return { socket, opened, closed }
  }

  #deliver(frame: Frame): void {
    if (frame.tag === Tag.data) {
      const { channel, payload } = frame
      const listener = this.#listeners.get(channel)
      if (listener) {
        listener(payload)
        return
      }
      this.#early.set(channel, [...(this.#early.get(channel) ?? []), payload].slice(-64))
      this.output.set(channel, (this.output.get(channel) ?? '') + Buffer.from(payload).toString('latin1'))
      this.received.set(channel, (this.received.get(channel) ?? 0) + payload.length)
      if (this.paints) this.paint(channel, payload.length)
    } else if (frame.tag === Tag.control) {
      const message = JSON.parse(Buffer.from(frame.payload).toString())
      if (message.event) this.events.push(message)
      else {
        // A number that was used before begins anew.
        const opened: unknown = message.ok?.channel
        if (typeof opened === 'number') {
          this.#listeners.delete(opened)
          this.#early.delete(opened)
        }
        this.#waiting.get(message.re)?.(message)
        this.#waiting.delete(message.re)
      }
    }
  }

  #signal(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}
