import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasAddress } from './installation.ts'

/** A DNS server on a port of its own, all its threads on processor 0. */
export interface NameServer {
  name: string
  port: number
  /** Nanoseconds of processor time so far, of all its processes and threads. */
  cpu(): number
  close(): Promise<void>
}

const execute = promisify(execFile)

/** Puts a process and all its threads on these processors, `0` or `0-3`. */
export async function pin(pid: number, processors: string): Promise<void> {
  await execute('taskset', ['-a', '-p', '-c', processors, `${pid}`])
}

/** Processor time of these processes from the scheduler's own books. */
export function cpuOf(pids: readonly number[]): number {
  const threads = pids.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`))
  return threads.reduce((sum, thread) => sum + Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]), 0)
}

/** The servers to compare with that this machine has, serving `names` below `domain`. */
export async function otherServers(folder: string, domain: string, names: readonly string[]): Promise<NameServer[]> {
  const zone = join(folder, 'zone')
  const head = `$ORIGIN ${domain}.\n$TTL 10\n@ SOA ns1 hostmaster 1 7200 900 1209600 10\n@ NS ns1\nns1 A 127.0.0.1\n`
  await writeFile(zone, head + names.map((name) => `${name} A 127.0.0.1\n`).join(''))
  const servers: NameServer[] = []
  for (const [name, start] of [
    ['NSD', startNsd],
    ['Knot', startKnot],
  ] as const) {
    const program = name === 'NSD' ? 'nsd' : 'knotd'
    if (!(await isInstalled(program))) continue
    const port = await freePort()
    const child = await start(folder, domain, zone, port)
    await untilItAnswers(child, port, `${names[0]}.${domain}`)
    const pids = () => withChildren(child.pid ?? 0)
    servers.push({ name, port, cpu: () => cpuOf(pids()), close: () => end(child, pids()) })
  }
  return servers
}

async function startNsd(folder: string, domain: string, zone: string, port: number): Promise<ChildProcess> {
  const home = join(folder, 'nsd')
  await mkdir(home)
  const file = join(home, 'nsd.conf')
  await writeFile(
    file,
    `server:
  ip-address: 127.0.0.1@${port}
  server-count: 1
  username: ""
  zonesdir: ""
  database: ""
  pidfile: ${home}/nsd.pid
  xfrdfile: ${home}/xfrd.state
  xfrdir: ${home}
  zonelistfile: ${home}/zone.list
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: ${domain}
  zonefile: ${zone}
`,
  )
  return spawn('taskset', ['-c', '0', 'nsd', '-d', '-c', file], { stdio: 'ignore' })
}

async function startKnot(folder: string, domain: string, zone: string, port: number): Promise<ChildProcess> {
  const home = join(folder, 'knot')
  await mkdir(home)
  const file = join(home, 'knot.conf')
  await writeFile(
    file,
    `server:
  rundir: ${home}
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: ${home}
template:
  - id: default
    storage: ${home}
    zonefile-load: whole
    journal-content: none
zone:
  - domain: ${domain}
    file: ${zone}
`,
  )
  return spawn('taskset', ['-c', '0', 'knotd', '-c', file], { stdio: 'ignore' })
}

async function untilItAnswers(child: ChildProcess, port: number, name: string): Promise<void> {
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    if (await Promise.race([hasAddress(port, name), sleep(200).then(() => false)]).catch(() => false)) return
    await sleep(50)
  }
  throw new Error(`${child.spawnargs.join(' ')} does not answer.`)
}

async function end(child: ChildProcess, pids: readonly number[]): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await Promise.race([ended, sleep(3_000)])
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended as it was told.
    }
  }
}

/** A process and all below it. */
function withChildren(pid: number): number[] {
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return [pid, ...below.flatMap(withChildren)]
}

export async function isInstalled(program: string): Promise<boolean> {
  return execute('which', [program]).then(
    () => true,
    () => false,
  )
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
