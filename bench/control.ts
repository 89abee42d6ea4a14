import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { derive } from '../src/drivers/credentials.ts'
import { connectRedis } from '../src/drivers/redis/connection.ts'
import { RedisFleetStore } from '../src/drivers/redis/fleet-store.ts'
import { loginOf, OmegaProcess, temporaryDataDir } from '../test/support/omega.ts'
import { startRedis } from '../test/support/redis.ts'
import type { Row } from './support/measure.ts'

export const title = 'what a large fleet costs its master: beats of 1,000 hosts, memory for 10,000 sandboxes'

const HOSTS = 1_000
const SANDBOXES = 10_000
/** So many beats as 1,000 hosts send in this time. */
const SECONDS = 20
const BEATS = (HOSTS / 5) * SECONDS
const FLEET = 'control'
const SECRET = 'a secret of the benchmark, of some length'

/** One master and its Redis, as processes of their own; the hosts are names on record that beat and have no manager. */
export async function run(): Promise<Row[]> {
  const redis = await startRedis()
  const data = await temporaryDataDir()
  const env = { ...data.env, OMEGA_SECRET: SECRET }
  const args = `serve --role=master --no-dns --port 0 --fleet ${FLEET} --redis ${redis.url}`.split(' ')
  const master = await OmegaProcess.start(args, /"ready"/, env)
  const store = new RedisFleetStore(connectRedis(redis.url, pino({ level: 'silent' })), FLEET)
  try {
    const empty = await settled(master.pid)
    const url = /"url":"(http:[^"]+)"[^\n]*"ready"/.exec(master.output)?.[1] ?? ''
    const addresses = Array.from({ length: HOSTS }, (_, index) => `10.9.${index >> 8}.${index & 255}`)
    const host = { apiUrl: 'http://127.0.0.1:1', capacity: 20, runtime: 'docker', version: '1' } as const
    await Promise.all(addresses.map((address) => store.register({ address, ...host })))
    const { token } = await loginOf(data.path)
    const beats = await beatsOf(url, addresses, { master: master.pid, redis: redis.pid })
    await adopt(store, addresses)
    const list = await fetch(`${url}/v1/sandboxes`, { headers: { authorization: `Bearer ${token}` } })
    const { sandboxes } = (await list.json()) as { sandboxes: unknown[] }
    if (sandboxes.length !== SANDBOXES) throw new Error(`The master lists ${sandboxes.length} sandboxes.`)
    const full = await settled(master.pid)
    return [
      { what: `beats of ${HOSTS} hosts: one processor's time, master`, measured: beats.master * 100, unit: '%' },
      { what: `beats of ${HOSTS} hosts: one processor's time, Redis`, measured: beats.redis * 100, unit: '%' },
      { what: 'beats a master can take', measured: beats.rate, unit: 'beats/s' },
      { what: `memory of a master with nothing`, measured: empty, unit: 'MiB' },
      { what: `  with ${SANDBOXES} sandboxes on ${HOSTS} hosts, listed`, measured: full, unit: 'MiB' },
    ]
  } finally {
    await store.close()
    await master.stop()
    await redis.close()
    await data.remove()
  }
}

/** As fast as they are taken, over 32 connections; time of both processes, scaled to what 1,000 hosts send. */
async function beatsOf(url: string, addresses: readonly string[], pids: { master: number; redis: number }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const body = JSON.stringify({ load: { memory: 0.5, disk: 0.4, load: 0.7 } })
  const headersOf = (address: string) => {
    return { authorization: `Bearer ${derive(SECRET, `host/${address}`)}`, 'content-type': 'application/json' }
  }
  const beat = (address: string) =>
    new Promise<void>((resolve, reject) => {
      const call = request(
        `${url}/v1/hosts/${address}/beat`,
        { method: 'POST', agent, headers: headersOf(address) },
        (answer) => {
          answer.resume().once('end', () => {
            if (answer.statusCode === 204) resolve()
            else reject(new Error(`The beat of ${address} was answered ${answer.statusCode}.`))
          })
        },
      )
      call.once('error', reject).end(body)
    })
  await Promise.all(addresses.map(beat))
  const before = { master: cpuSeconds(pids.master), redis: cpuSeconds(pids.redis) }
  const begun = performance.now()
  for (let sent = 0; sent < BEATS; sent += HOSTS) await Promise.all(addresses.map(beat))
  const rate = BEATS / ((performance.now() - begun) / 1000)
  agent.destroy()
  return {
    rate,
    master: (cpuSeconds(pids.master) - before.master) / SECONDS,
    redis: (cpuSeconds(pids.redis) - before.redis) / SECONDS,
  }
}

async function adopt(store: RedisFleetStore, addresses: readonly string[]): Promise<void> {
  for (let from = 0; from < SANDBOXES; from += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, index) => {
      const number = `${from + index}`.padStart(12, '0')
      const names = { id: `sb_${number}`, name: `react-${number}`, subdomain: `s${number}` }
      const times = { createdAt: Date.now(), updatedAt: Date.now(), expiresAt: 0 }
      const host = addresses[(from + index) % addresses.length] ?? ''
      return store.adopt({ ...names, ...times, template: 'react', state: 'running', host, port: 20_000 + index })
    })
    await Promise.all(some)
  }
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** MiB of its memory once it has had a moment. */
async function settled(pid: number): Promise<number> {
  await sleep(6_000)
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
