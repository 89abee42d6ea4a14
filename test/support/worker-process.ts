import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { mintTicket } from '../../src/drivers/credentials.ts'
import { ask } from './ask.ts'
import { eventually } from './omega.ts'
import { claimOf, SUBDOMAIN, TOKEN } from './worker.ts'

const executable = resolve(import.meta.dirname, '../../dist/bin/omega.js')
const DOMAIN = 'omega.localhost'

/** The built worker as a process of its own, which can be killed and started again; `publicPort` leads to it. */
export class WorkerProcess {
  readonly root: string
  readonly port: number
  readonly publicPort: number
  readonly #folder: string
  #child: ChildProcess | undefined
  #log = ''

  private constructor(port: number, publicPort: number) {
    this.port = port
    this.publicPort = publicPort
    this.#folder = mkdtempSync(join(tmpdir(), 'omega-worker-'))
    this.root = join(this.#folder, 'project')
    mkdirSync(this.root)
    mkdirSync(join(this.#folder, 'template'))
    const manifest = { title: 'Tiny', description: 'For tests', icon: 'x', port: 0, start: 'true' }
    writeFileSync(join(this.#folder, 'template/template.json'), JSON.stringify(manifest))
  }

  static async start(publicPort?: number): Promise<WorkerProcess> {
    const port = await freePort()
    const worker = new WorkerProcess(port, publicPort ?? port)
    await worker.boot()
    const claim = claimOf({ port: worker.publicPort, domain: DOMAIN })
    const answer = await ask(port, '/_omega/claim', { method: 'POST', body: claim })
    if (answer.status !== 200) throw new Error(`The claim was answered ${answer.status}: ${answer.body}`)
    return worker
  }

  /** Starts it and waits until it answers. */
  async boot(): Promise<void> {
    const flags = {
      listen: '127.0.0.1',
      port: String(this.port),
      root: this.root,
      'template-dir': join(this.#folder, 'template'),
      'state-dir': join(this.#folder, 'state'),
      domain: DOMAIN,
    }
    const args = ['serve', '--role=worker', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)]
    const child = spawn('node', [executable, ...args], { env: { ...process.env, HOME: this.#folder } })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        this.#log += chunk
      })
    }
    const answers = async () => {
      if (child.exitCode !== null) throw new Error(`The worker ended: ${this.#log.slice(-2000)}`)
      return (await ask(this.port, '/healthz')).status === 200
    }
    await eventually(answers, 'the worker answers', 20_000)
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await gone
  }

  /** An address that signs a browser in. */
  enter(): string {
    const ticket = mintTicket(TOKEN, 'ide', Date.now() + 60_000)
    return `http://${SUBDOMAIN}.${DOMAIN}:${this.publicPort}/_omega/enter?token=${ticket}&to=/`
  }

  async close(): Promise<void> {
    await this.kill()
    // Shells may write their history yet.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => done(port))
    })
  })
}
