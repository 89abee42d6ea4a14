import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'

/**
 * A Docker Engine of a test's own, which may be ended as a crash or an upgrade ends one without anybody else's containers
 * noticing. It shares the machine's network and makes no rules there.
 */
export class PrivateEngine {
  /** For `--docker-host` and DOCKER_HOST. */
  readonly host: string
  readonly docker: Docker
  readonly #dir: string
  readonly #logFile: string
  /** One of its own: with `none`, or a choice of addresses, it takes docker0 away from the machine's engine. */
  readonly #bridge: string
  #child: ChildProcess | undefined

  private constructor(dir: string, logFile: string) {
    this.#dir = dir
    this.#logFile = logFile
    this.#bridge = `omt-${basename(dir).slice(-6)}`
    this.host = `unix://${join(dir, 'docker.sock')}`
    this.docker = new Docker({ socketPath: join(dir, 'docker.sock') })
  }

  /** `logFile`: what it says is appended there, else to a file that goes with it. */
  static async start(logFile?: string): Promise<PrivateEngine> {
    // Not below /tmp, which may be kept in memory, where images have no place.
    mkdirSync('/var/lib/omega-test', { recursive: true })
    const dir = mkdtempSync('/var/lib/omega-test/engine-')
    const engine = new PrivateEngine(dir, logFile || join(dir, 'log'))
    const ip = (...args: string[]) => execFileSync('ip', args)
    ip('link', 'add', engine.#bridge, 'type', 'bridge')
    ip('address', 'add', `10.212.${randomInt(256)}.1/24`, 'dev', engine.#bridge)
    ip('link', 'set', engine.#bridge, 'up')
    await engine.restart()
    return engine
  }

  /** Starts it, after ending it by the signal if it runs: SIGTERM stops the containers, SIGKILL leaves them to themselves. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#end(signal)
    const at = (name: string) => join(this.#dir, name)
    // Its containerd ended with it; the engine takes any process of that number for it.
    for (const name of ['docker.pid', 'exec/containerd/containerd.pid']) rmSync(at(name), { force: true })
    const paths = [
      '--host',
      this.host,
      '--data-root',
      at('data'),
      '--exec-root',
      at('exec'),
      '--pidfile',
      at('docker.pid'),
    ]
    const network = ['--bridge', this.#bridge, '--iptables=false']
    const log = openSync(this.#logFile, 'a')
    const child = spawn('dockerd', [...paths, ...network], { stdio: ['ignore', log, log] })
    this.#child = child
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
      if (child.exitCode !== null) break
      const answers = await this.docker.ping().then(
        () => true,
        () => false,
      )
      if (answers) return
    }
    throw new Error(`The engine does not answer. It said:\n${readFileSync(this.#logFile, 'utf8').slice(-2000)}`)
  }

  async close(): Promise<void> {
    const all = await this.docker.listContainers({ all: true }).catch(() => [])
    for (const { Id } of all)
      await this.docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => undefined)
    const networks = await this.docker.listNetworks().catch(() => [])
    for (const { Id, Name } of networks) {
      if (Name.startsWith('omega'))
        await this.docker
          .getNetwork(Id)
          .remove()
          .catch(() => undefined)
    }
    await this.#end('SIGTERM')
    this.#endLeftovers()
    spawnSync('ip', ['link', 'delete', this.#bridge])
    // It binds its folder to itself.
    spawnSync('umount', ['--recursive', '--lazy', join(this.#dir, 'data')])
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 })
  }

  /** What an engine that was killed in the middle of a start has forgotten: a shim, and below it the container's init. */
  #endLeftovers(): void {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    const isOurs = (pid: string) => textOf(`/proc/${pid}/cmdline`).includes(join(this.#dir, 'exec/'))
    const shims = pids.filter(isOurs)
    const inits = pids.filter((pid) =>
      shims.includes(/^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? ''),
    )
    for (const pid of [...inits, ...shims]) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await ended
  }
}

/** '' for one that has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
