import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'
import { WireClient } from '../test/support/worker.ts'
import { bearerOf, hostOf, Installation, openPage } from './support/installation.ts'
import { median, type Row } from './support/measure.ts'

export const title = 'memory of an idle worker'

const SANDBOXES = 3
const MIB = 2 ** 20

interface Memory {
  /** Of worker and init without the app: resident, and with pages that several processes share divided among them. */
  rss: number
  pss: number
  /** Of those, what belongs to no file: nothing shares it. */
  anonymous: number
  /** The whole container with its app, file cache included, as the kernel bills it. */
  cgroup: number
}

export async function run(): Promise<Row[]> {
  const omega = await Installation.start()
  try {
    const sandboxes = []
    for (let count = 0; count < SANDBOXES; count++) sandboxes.push(await omega.create('static'))
    for (const sandbox of sandboxes) {
      // Used once and left again, as most are.
      const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
      await client.opened
      await client.request('hello', {})
      await openPage(sandbox)
      client.end()
    }
    await sleep(10_000)
    const docker = new Docker()
    const found = await docker.listContainers({ filters: { label: [`omega.fleet=${omega.fleet}`] } })
    const all = await Promise.all(
      found.map(async ({ Id }) => {
        const container = docker.getContainer(Id)
        const [{ State }, { Processes }, { memory_stats }] = await Promise.all([
          container.inspect(),
          container.top({ ps_args: '-o pid' }) as Promise<{ Processes: string[][] }>,
          container.stats({ stream: false }),
        ])
        return memoryOf(
          State.Pid,
          Processes.map(([pid]) => Number(pid)),
          memory_stats.usage,
        )
      }),
    )
    const of = (key: keyof Memory) => ({ measured: median(all.map((it) => it[key])) / MIB, unit: 'MiB' })
    return [
      { what: 'idle worker and init, PSS', ...of('pss'), budget: { atMost: 60, of: 'amount' } },
      { what: '  resident (RSS)', ...of('rss') },
      { what: '  anonymous', ...of('anonymous') },
      { what: '  container with its app and file cache (cgroup)', ...of('cgroup') },
    ]
  } finally {
    await omega.close()
  }
}

/** `first` is the container's first process and `pids` all of them, as the host numbers them. */
function memoryOf(first: number, pids: number[], cgroup: number): Memory {
  const own = pids.filter((pid) => isOurs(pid, first))
  if (own.length < 1) throw new Error('No worker was found in a sandbox.')
  const sum = (field: string) => own.reduce((total, pid) => total + smaps(pid, field), 0)
  return { rss: sum('Rss'), pss: sum('Pss'), anonymous: sum('Anonymous'), cgroup }
}

/** The first process, or one that runs the worker: the app's command line is another. */
function isOurs(pid: number, first: number): boolean {
  return pid === first || /omega\.js\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
}

/** Bytes. */
function smaps(pid: number, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return Number(found?.[1]) * 1024
}
