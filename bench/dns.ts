import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { newSubdomain } from '../src/core/names.ts'
import { derive } from '../src/drivers/credentials.ts'
import { OmegaProcess, temporaryDataDir } from '../test/support/omega.ts'
import { hasAddress } from './support/installation.ts'
import { median, quantile, type Row, timed } from './support/measure.ts'
import { cpuOf, isInstalled, type NameServer, otherServers, pin } from './support/name-server.ts'

export const title = 'the dns role against NSD and Knot, and its durable updates'

const DOMAIN = 'sbx.omega.test'
const NAMES = 10_000
const ROUNDS = 5
const SECRET = 'bench-secret-0123456789-0123456789'

export async function run(): Promise<Row[]> {
  const data = await temporaryDataDir()
  const closing: (() => Promise<unknown>)[] = [() => data.remove()]
  try {
    const role = await startRole(data.env)
    closing.unshift(() => role.process.stop())
    const names = Array.from({ length: NAMES }, () => newSubdomain(randomBytes))
    const rrset = (name: string) => ({ name, type: 'A', ttl: 10, records: ['127.0.0.1'] })
    for (let from = 0; from < NAMES; from += 1_000) {
      await role.call('PATCH', '', names.slice(from, from + 1_000).map(rrset))
    }
    return [...(await queries(role, data.path, names, closing)), ...(await updates(role, data.path))]
  } finally {
    for (const close of closing) await close()
  }
}

/** Queries per second of one processor, from the time a server spends: dnsperf itself may be the slower one. */
async function queries(
  role: Role,
  folder: string,
  names: readonly string[],
  closing: (() => Promise<unknown>)[],
): Promise<Row[]> {
  const missing = (what: string): Row[] => {
    console.error(`dns: ${what}, so queries are not measured.`)
    return []
  }
  if (!(await isInstalled('dnsperf'))) return missing('dnsperf is not installed (Debian: apt-get install dnsperf)')
  const others = await otherServers(folder, DOMAIN, names)
  for (const other of others) closing.unshift(() => other.close())
  if (others.length === 0) return missing('neither NSD nor Knot is installed (Debian: apt-get install nsd knot)')
  const file = join(folder, 'queries')
  const shuffled = [...names].sort(() => Math.random() - 0.5)
  await writeFile(file, shuffled.map((name) => `${name}.${DOMAIN} A\n`).join(''))
  const ours: NameServer = {
    name: 'omega',
    port: role.dnsPort,
    cpu: () => cpuOf([role.process.pid]),
    close: async () => undefined,
  }
  const all = [ours, ...others]
  await pin(role.process.pid, '0')
  const samples = new Map(all.map((server) => [server, { cost: [] as number[], rate: [] as number[] }]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of all) {
      const { cost, rate } = await flood(server, file)
      samples.get(server)?.cost.push(cost)
      samples.get(server)?.rate.push(rate)
    }
  }
  await pin(role.process.pid, `0-${availableParallelism() - 1}`)
  const of = (server: NameServer, key: 'cost' | 'rate') => median(samples.get(server)?.[key] ?? [])
  return others.flatMap((other): Row[] => [
    {
      what: `dns: queries/s of one processor, against ${other.name}`,
      measured: 1e6 / of(ours, 'cost'),
      baseline: 1e6 / of(other, 'cost'),
      unit: 'q/s',
      budget: { atLeast: 0.55 },
    },
    { what: '  processor time of a query', measured: of(ours, 'cost'), baseline: of(other, 'cost'), unit: 'us' },
    { what: '  as dnsperf counted them', measured: of(ours, 'rate'), baseline: of(other, 'rate'), unit: 'q/s' },
  ])
}

async function flood(server: NameServer, file: string): Promise<{ cost: number; rate: number }> {
  const before = server.cpu()
  const where = ['-s', '127.0.0.1', '-p', `${server.port}`]
  const load = ['-l', '2', '-q', '100', '-c', '10', '-T', '1']
  const { stdout } = await promisify(execFile)('taskset', ['-c', '1', 'dnsperf', ...where, '-d', file, ...load])
  const spent = server.cpu() - before
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1])
  const completed = number(/Queries completed:\s+(\d+)/)
  const good = number(/NOERROR (\d+)/)
  if (!(completed > 0) || good < completed * 0.99) throw new Error(`${server.name}: ${stdout}`)
  return { cost: spent / 1_000 / completed, rate: number(/Queries per second:\s+([\d.]+)/) }
}

/** Over HTTP, stored on the disk and answerable when acknowledged. */
async function updates(role: Role, folder: string): Promise<Row[]> {
  const put = (name: string) => role.call('PUT', `/${name}/A`, { ttl: 10, records: ['127.0.0.2'], owner: 'bench' })
  const one = async () => put(newSubdomain(randomBytes))
  for (let warm = 0; warm < 500; warm++) await one()
  const single: number[] = []
  const syncs: number[] = []
  const log = await open(join(folder, 'sync-test'), 'a')
  for (let count = 0; count < 1_500; count++) {
    single.push(await timed(one))
    syncs.push(
      await timed(async () => {
        await log.appendFile('x'.repeat(100))
        await log.datasync()
      }),
    )
  }
  await log.close()
  const together: number[] = []
  const rates: number[] = []
  for (let round = 0; round < 3; round++) {
    const until = performance.now() + 2_000
    const before = together.length
    const caller = async () => {
      while (performance.now() < until) together.push(await timed(one))
    }
    const took = await timed(() => Promise.all(Array.from({ length: 8 }, caller)))
    rates.push((together.length - before) / (took / 1_000))
  }
  let visible = 0
  const checks = 200
  for (let count = 0; count < checks; count++) {
    const name = newSubdomain(randomBytes)
    if (await hasAddress(role.dnsPort, `${name}.${DOMAIN}`)) throw new Error(`${name} is there already.`)
    await put(name)
    if (await hasAddress(role.dnsPort, `${name}.${DOMAIN}`)) visible++
  }
  const times = (share: number) => ({ measured: quantile(single, share), baseline: quantile(syncs, share), unit: 'ms' })
  return [
    {
      what: 'dns: durable updates, 8 in flight',
      measured: median(rates),
      unit: 'updates/s',
      budget: { atLeast: 1_500, of: 'amount' },
    },
    { what: '  one of 8 in flight, p50', measured: quantile(together, 0.5), unit: 'ms' },
    {
      what: '  one of 8 in flight, p99',
      measured: quantile(together, 0.99),
      unit: 'ms',
      budget: { atMost: 5, of: 'amount' },
    },
    { what: '  one at a time, p50, against append and fdatasync', ...times(0.5) },
    { what: '  one at a time, p99', ...times(0.99), budget: { atMost: 5, of: 'amount' } },
    {
      what: '  answered by the first query after the acknowledgement',
      measured: visible,
      baseline: checks,
      unit: 'names',
      budget: { atLeast: 1 },
    },
  ]
}

interface Role {
  process: OmegaProcess
  dnsPort: number
  call(method: string, path: string, body: unknown): Promise<void>
}

async function startRole(env: Record<string, string>): Promise<Role> {
  const args = ['serve', '--role=dns', '--domain', DOMAIN, '--secret', SECRET, '--fleet', `bench${process.pid}`]
  const role = await OmegaProcess.start([...args, '--dns-port', '0', '--dns-http-port', '0'], /"ready"/, env)
  const url = new URL(/"url":"(http:\/\/[^"]*)"[^\n]*"ready"/.exec(role.output)?.[1] ?? '')
  const dnsPort = Number(/"dnsPort":(\d+)/.exec(role.output)?.[1])
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const token = derive(SECRET, 'dns')
  const call = (method: string, path: string, body: unknown) =>
    new Promise<void>((resolve, reject) => {
      const text = JSON.stringify(body)
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }
      const where = { host: url.hostname, port: url.port, path: `/v1/zones/${DOMAIN}/rrsets${path}` }
      const outgoing = request({ ...where, method, agent, headers }, (answer) => {
        let said = ''
        answer.setEncoding('utf8').on('data', (part) => {
          said += part
        })
        answer.once('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${method} ${path}: ${answer.statusCode} ${said}`)),
        )
      })
      outgoing.once('error', reject)
      outgoing.end(text)
    })
  return { process: role, dnsPort, call }
}
