import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { connectRedis } from '../src/drivers/redis/connection.ts'
import { RedisFleetStore } from '../src/drivers/redis/fleet-store.ts'
import { fleetKeys } from '../src/drivers/redis/keys.ts'
import { scripts } from '../src/drivers/redis/scripts.ts'
import { type PrivateRedis, startRedis } from '../test/support/redis.ts'
import { interleaved, type Row } from './support/measure.ts'

export const title = 'placement at 100, 1,000 and 10,000 hosts against redis-benchmark running the same script'

const HOSTS = [100, 1_000, 10_000]
/** For all that one run places. */
const PLACES = 1_000_000
/** Many short samples: a machine that does other things as well disturbs some of them, and the median passes them over. */
const CALLS = 8_000
const ROUNDS = 15
const fleet = 'bench'
const silent = pino({ level: 'silent' })

/** How many connections, and how many calls each keeps in flight. */
const loads = [
  { what: 'placement: 1 connection, 50 calls in flight', connections: 1, inFlight: 50 },
  { what: 'placement: 50 connections, 1 call in flight each', connections: 50, inFlight: 1 },
]

export async function run(): Promise<Row[]> {
  const server = await startRedis()
  try {
    const rows: Row[] = []
    for (const [hosts, load] of HOSTS.flatMap((hosts) => loads.map((load) => [hosts, load] as const))) {
      await fill(server, hosts)
      const [measured, baseline] = await interleaved(
        ROUNDS,
        () => ours(server, load.connections, load.inFlight),
        () => theirs(server, load.connections, load.inFlight),
      )
      const what = `${load.what}, ${hosts.toLocaleString('en')} hosts`
      rows.push({ what, measured, baseline, unit: 'calls/s', budget: { atLeast: 0.6 } })
    }
    return rows
  } finally {
    await server.close()
  }
}

let nextId = 1_000_000_000
let nextRun = 1_000

/** Placements per second through the store, as the master calls it. */
async function ours(server: PrivateRedis, connections: number, inFlight: number): Promise<number> {
  const stores = Array.from({ length: connections }, () => new RedisFleetStore(connectRedis(server.url, silent), fleet))
  await Promise.all(stores.map((store) => store.ping()))
  const last = nextId + CALLS
  const caller = async (store: RedisFleetStore) => {
    while (nextId < last) {
      const number = `${nextId++}`.padStart(12, '0')
      const sandbox = { id: `sb_${number}`, name: `react-${number}`, subdomain: `s${number}`, template: 'react' }
      const answer = await store.place({ ...sandbox, expiresAt: 0 })
      if (answer.outcome !== 'placed') throw new Error(`not placed: ${answer.outcome}`)
    }
  }
  const start = process.hrtime.bigint()
  await Promise.all(stores.flatMap((store) => Array.from({ length: inFlight }, () => caller(store))))
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  await Promise.all(stores.map((store) => store.close()))
  return CALLS / seconds
}

/** The same script, keys and arguments by redis-benchmark, which is written in C and looks at no answer. */
async function theirs(server: PrivateRedis, connections: number, inFlight: number): Promise<number> {
  const { place } = scripts
  const keys = fleetKeys(fleet)
  const keyList = [keys.hosts, keys.hostRecords, keys.hostTaken, keys.hostBeats, keys.sandboxRecords, keys.sandboxNames]
  // Its seed is the time and its process id together, which two runs may share: ids are of one run only.
  const random = `${nextRun++}x__rand_int__`
  const rest = JSON.stringify({ template: 'react', expiresAt: 0 })
  const command = [
    'EVALSHA',
    place.sha,
    '9',
    ...keyList,
    keys.events(`sb_${random}`),
    keys.sandboxDeleted,
    keys.hostLoads,
  ]
  const args = [`sb_${random}`, `s${random}`, `react-${random}`, rest, '0', '']
  const options = ['-p', `${server.port}`, '-c', `${connections}`, '-P', `${inFlight}`, '-n', `${CALLS}`]
  const client = new Redis(server.url)
  const before = await client.hlen(keys.sandboxRecords)
  const { stdout } = await promisify(execFile)('redis-benchmark', [
    ...[...options, '-r', '999999999', '--csv'],
    ...[...command, ...args],
  ])
  const placed = (await client.hlen(keys.sandboxRecords)) - before
  client.disconnect()
  // Its ids are random, so a few meet twice.
  if (placed < CALLS * 0.99) throw new Error(`redis-benchmark placed ${placed} of ${CALLS}: ${stdout}`)
  const rate = Number(/\n"[^\n]*?","([\d.]+)",[^\n]*\s*$/.exec(stdout)?.[1])
  if (!(rate > 0)) throw new Error(`redis-benchmark said: ${stdout}`)
  return rate
}

/** An empty Redis with the hosts of a large fleet, and the script. */
async function fill(server: PrivateRedis, hosts: number): Promise<void> {
  const client = new Redis(server.url)
  await client.flushall()
  await client.script('LOAD', scripts.place.source)
  client.disconnect()
  const store = new RedisFleetStore(connectRedis(server.url, silent), fleet)
  const host = {
    apiUrl: 'http://10.0.0.1:7070',
    capacity: PLACES / hosts,
    runtime: 'docker',
    version: '1.0.0',
  } as const
  for (let from = 0; from < hosts; from += 1_000) {
    const addresses = Array.from(
      { length: Math.min(1_000, hosts) },
      (_, index) => `10.${(from + index) >> 8}.${(from + index) & 255}.1`,
    )
    await Promise.all(addresses.map((address) => store.register({ address, ...host })))
  }
  await store.close()
}
