import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { firewallRules, type SandboxNetwork } from '../core/sandbox-network.ts'
import type { Logger } from './log.ts'

const run = promisify(execFile)

export type FirewallStatus = { enforced: true } | { enforced: false; reason: string }

export interface HostFirewallOptions {
  network: SandboxNetwork
  log: Logger
  /** Resolvers sandboxes may ask; those of this machine if absent. */
  nameservers?: readonly string[]
}

/**
 * The rules that keep sandboxes off their host, off each other and off private networks (iptables, as root).
 *
 * Docker's own isolation does not do this: traffic to the host itself passes INPUT, which Docker leaves open, and
 * DOCKER-USER sees only what is forwarded. Chains carry our name and the bridge's, so that `apply` may be repeated,
 * fleets do not meet, and `remove` leaves everything as it was.
 */
export class HostFirewall {
  readonly #network: SandboxNetwork
  readonly #nameservers: readonly string[]
  readonly #log: Logger
  #status: FirewallStatus = { enforced: false, reason: 'not applied yet' }
  #timer: NodeJS.Timeout | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: HostFirewallOptions) {
    this.#network = options.network
    this.#log = options.log
    this.#nameservers = options.nameservers ?? hostNameservers()
  }

  get status(): FirewallStatus {
    return this.#status
  }

  /** Puts the rules in place, or back in place. Never rejects: what could not be done is in the status and the log. */
  async apply(): Promise<FirewallStatus> {
    const previous = this.#status
    const result = this.#running.then(() => this.#apply())
    this.#running = result
    this.#status = await result.catch((error: Error) => ({ enforced: false, reason: error.message.slice(0, 300) }))
    if (!this.#status.enforced && (previous.enforced || previous.reason !== this.#status.reason)) {
      this.#log.error(
        { reason: this.#status.reason },
        'NOT ENFORCED: sandboxes can reach services of this host and its private networks. Run the manager as root on Linux with iptables.',
      )
    }
    return this.#status
  }

  /** Applies again every so often: a restarted Docker or a reloaded firewall drops rules of others. */
  watch(everyMs: number): void {
    this.#timer ??= setInterval(() => void this.apply(), everyMs).unref()
  }

  /** Stops watching; the rules stay, as the containers do. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running.catch(() => undefined)
  }

  /** Takes the rules away, for tests and for who uninstalls omega. */
  async remove(): Promise<void> {
    await this.close()
    for (const command of ['iptables', 'ip6tables']) {
      for (const [parent, chain] of Object.entries(this.#chains())) {
        for (const place of [parent, 'FORWARD']) {
          while (await succeeds(command, ['-w', '-D', place, ...this.#jump(chain)])) {
            // A second jump may be left of two managers that started at once.
          }
        }
        await succeeds(command, ['-w', '-F', chain])
        await succeeds(command, ['-w', '-X', chain])
      }
    }
    this.#status = { enforced: false, reason: 'removed' }
  }

  #chains(): Record<'INPUT' | 'DOCKER-USER', string> {
    return { INPUT: `OMEGA-INPUT-${this.#network.bridge}`, 'DOCKER-USER': `OMEGA-OUT-${this.#network.bridge}` }
  }

  #jump(chain: string): string[] {
    return ['-i', this.#network.bridge, '-j', chain]
  }

  async #apply(): Promise<FirewallStatus> {
    const { bridge } = this.#network
    if (process.platform !== 'linux') return { enforced: false, reason: 'this is not Linux' }
    if (process.getuid?.() !== 0) return { enforced: false, reason: 'the manager does not run as root' }
    if (!existsSync(`/sys/class/net/${bridge}`)) {
      return { enforced: false, reason: `the bridge ${bridge} is not on this machine` }
    }
    try {
      // Refusing tells the program at once; dropping lets it wait for minutes. Kernels without REJECT drop.
      await this.#load('iptables', 'REJECT --reject-with icmp-admin-prohibited')
    } catch {
      await this.#load('iptables', 'DROP')
    }
    // Sandboxes have no IPv6; where an engine gives them some after all, it leads nowhere. No ip6tables, no IPv6.
    await this.#load('ip6tables', 'DROP').catch(() => undefined)
    return { enforced: true }
  }

  async #load(command: 'iptables' | 'ip6tables', refuse: string): Promise<void> {
    const { INPUT, 'DOCKER-USER': forward } = this.#chains()
    const four = command === 'iptables'
    const rules = four
      ? firewallRules(this.#network, this.#nameservers, refuse)
      : { input: [`-j ${refuse}`], forward: [`-j ${refuse}`] }
    // One transaction: naming a chain empties it, and no packet passes between that and the new rules.
    await restore(command, [
      '*filter',
      `:${INPUT} - [0:0]`,
      `:${forward} - [0:0]`,
      ...rules.input.map((rule) => `-A ${INPUT} ${rule}`),
      ...rules.forward.map((rule) => `-A ${forward} ${rule}`),
      'COMMIT',
    ])
    await this.#hook(command, 'INPUT', INPUT)
    const docker = four || (await succeeds(command, ['-w', '-S', 'DOCKER-USER']))
    await this.#hook(command, docker ? 'DOCKER-USER' : 'FORWARD', forward)
  }

  async #hook(command: string, parent: string, chain: string): Promise<void> {
    if (await succeeds(command, ['-w', '-C', parent, ...this.#jump(chain)])) return
    await run(command, ['-w', '-I', parent, '1', ...this.#jump(chain)])
  }
}

async function restore(command: string, lines: string[]): Promise<void> {
  const done = run(`${command}-restore`, ['-w', '--noflush'])
  done.child.stdin?.on('error', () => undefined).end(`${lines.join('\n')}\n`)
  await done
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  )
}

/** The resolvers of this machine, which are those Docker hands on to containers; loopback ones serve only the host. */
function hostNameservers(): string[] {
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    if (!existsSync(file)) continue
    const found = [...readFileSync(file, 'utf8').matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, ip]) => ip ?? [])
    const usable = found.filter((address) => !address.startsWith('127.') && address !== '::1')
    if (usable.length > 0) return usable
  }
  return []
}
