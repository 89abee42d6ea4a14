import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A bridge of this machine's, whose first address is the machine's own: where local instances live. */
export class LocalNetwork {
  readonly name: string
  readonly #block: string

  constructor(name: string, block: string) {
    this.name = name
    this.#block = block
  }

  open(): void {
    const { name } = this
    // A bridge takes the lowest address of its ports, unless it has one of its own: it would change with each instance.
    ip('link', 'add', name, 'address', `02:${randomBytes(5).toString('hex').match(/../g)?.join(':')}`, 'type', 'bridge')
    ip('address', 'add', `${this.gateway}/24`, 'dev', name)
    ip('link', 'set', name, 'up')
  }

  get gateway(): string {
    return `${this.#block}.1`
  }

  addressOf(number: number): string {
    return `${this.#block}.${number}`
  }

  close(): void {
    spawnSync('ip', ['link', 'delete', this.name])
  }
}

/**
 * A host as EC2 boots one, as far as omega can tell: its own network with its own address, its own processes, a Docker
 * Engine of its own, folders of its own where a host keeps state, and user-data that is really run, as root, once.
 * Pulling its plug ends everything in it at once.
 */
export class LocalMachine {
  readonly address: string
  readonly #namespace: string
  readonly #dir: string
  #init: ChildProcess | undefined
  /** Resolves when it is off, for whatever reason. */
  readonly off: Promise<void>

  constructor(
    network: LocalNetwork,
    number: number,
    { address, publicAddress, userData }: { address: string; publicAddress: string; userData: string },
  ) {
    this.address = address
    this.#namespace = `${network.name}-${number}`
    // Not below /tmp, which may be kept in memory, where images have no place.
    mkdirSync('/var/lib/omega-test', { recursive: true })
    this.#dir = mkdtempSync('/var/lib/omega-test/instance-')
    for (const name of ['docker', 'omega']) mkdirSync(join(this.#dir, name))
    writeFileSync(join(this.#dir, 'user-data'), userData, { mode: 0o700 })
    writeFileSync(join(this.#dir, 'init'), INIT, { mode: 0o700 })
    const [outside, within] = [`v${this.#namespace.slice(-12)}`, 'eth0']
    ip('netns', 'add', this.#namespace)
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', within, 'netns', this.#namespace)
    ip('link', 'set', outside, 'master', network.name, 'up')
    ip('-n', this.#namespace, 'link', 'set', 'lo', 'up')
    ip('-n', this.#namespace, 'address', 'add', `${this.address}/24`, 'dev', within)
    ip('-n', this.#namespace, 'address', 'add', `${publicAddress}/32`, 'dev', within)
    ip('-n', this.#namespace, 'link', 'set', within, 'up')
    ip('-n', this.#namespace, 'route', 'add', 'default', 'via', network.gateway)
    const log = openSync(join(this.#dir, 'console'), 'a')
    const own = ['--mount', '--uts', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc']
    const init = spawn(
      'nsenter',
      [
        `--net=/run/netns/${this.#namespace}`,
        'unshare',
        ...own,
        join(this.#dir, 'init'),
        this.#dir,
        this.address,
        publicAddress,
      ],
      { stdio: ['ignore', log, log] },
    )
    this.#init = init
    this.off = new Promise((resolve) => init.once('exit', () => resolve()))
  }

  /** What a person reads as the instance's console. */
  get console(): string {
    return readFileSync(join(this.#dir, 'console'), 'utf8')
  }

  /** Its network goes, or comes back. */
  cut(isCut: boolean): void {
    appendFileSync(join(this.#dir, 'console'), isCut ? '[the network is cut]\n' : '[the network is back]\n')
    ip('-n', this.#namespace, 'link', 'set', 'eth0', isCut ? 'down' : 'up')
    if (!isCut) ip('-n', this.#namespace, 'route', 'replace', 'default', 'via', gatewayOf(this.address))
  }

  /** Pulls the plug: nothing in it has a chance to say goodbye. */
  async stop(): Promise<void> {
    const init = this.#init
    if (!init) return
    this.#init = undefined
    if (init.exitCode === null && init.signalCode === null) init.kill('SIGKILL')
    await this.off
    spawnSync('ip', ['netns', 'delete', this.#namespace])
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

const gatewayOf = (address: string) => address.replace(/\d+$/, '1')

/**
 * Arguments: the instance's folder, its addresses. What `poweroff` does in it ends it. As behind a security group that lets
 * the master's in, the manager is reached at the private address only.
 */
const INIT = `#!/bin/bash
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /opt
mount -t tmpfs tmpfs /var/log
mkdir /run/sys
mount -t sysfs sysfs /run/sys
for net in class/net devices/virtual/net; do mount --bind /run/sys/$net /sys/$net; done
mount --bind "$1/docker" /var/lib/docker
mkdir -p /var/lib/omega && mount --bind "$1/omega" /var/lib/omega
iptables -A INPUT -d "$3" -p tcp --dport 7070 -j DROP
hostname "ip-\${2//./-}"
mkdir /run/bin
printf '#!/bin/sh\\nkill -9 -1\\nkill -TERM 1\\n' > /run/bin/poweroff
chmod 755 /run/bin/poweroff
export PATH="/run/bin:$PATH"
trap 'exit 0' TERM
dockerd --data-root /var/lib/docker > "$1/docker.log" 2>&1 &
for _ in $(seq 600); do docker version > /run/docker-version 2>&1 && break; sleep 0.05; done
"$1/user-data" &
while :; do wait || true; sleep 1; done
`
