import { Resolver } from 'node:dns/promises'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { markOf } from '../../src/core/container-name.ts'
import { fleetKeys } from '../../src/drivers/redis/keys.ts'
import { addresses, CAPACITY, type CrashingFleet, POOL_HOST, TEMPLATE } from './crashing-fleet.ts'
import type { Deed, Step } from './fleet-schedule.ts'

/** What may be, of one sandbox, after all that was asked for and answered. */
interface Known {
  id: string
  subdomain: string
  host: string
  port: number
  token: string
  names: Set<string>
  states: Set<string>
  /**
   * must   its create was acknowledged and nothing since could have taken it away
   * going  its delete is to be finished by the fleet
   * gone   its delete is done
   */
  presence: 'must' | 'may' | 'going' | 'gone'
  /** Stops and starts under way, and begun so far. */
  changing: number
  changes: number
  /** What was written into it and acknowledged; undefined: nothing was. */
  note: string | undefined
}

interface View {
  id: string
  name: string
  subdomain: string
  host: string
  port: number
  state: string
}

interface Answer {
  /** 0: no answer, so that nobody knows what was done. */
  status: number
  body: { id?: string; name?: string; state?: string; code?: string } & Partial<View> & { token?: string }
}

/** Something that must hold and does not. */
export class Violation extends Error {}

const SETTLES_WITHIN_MS = 40_000

/** Does what a schedule says to a fleet, keeps what must be true of it, and looks whether it is. */
export class FleetModel {
  readonly #fleet: CrashingFleet
  readonly #known = new Map<string, Known>()
  readonly #gone: Known[] = []
  readonly #redis: Redis
  readonly #resolver = new Resolver({ timeout: 1_000, tries: 2 })
  /** Creates and forks without an answer: each may have left one sandbox. */
  #unanswered = 0
  /** Creates and forks that were refused or failed; after a FLUSHALL what they had made may be found and kept. */
  #refused = 0
  #flushed = false

  readonly #deeds = new Map<string, number>()
  schedules = 0

  constructor(fleet: CrashingFleet) {
    this.#fleet = fleet
    this.#redis = new Redis(fleet.redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
    this.#redis.on('error', () => {})
    this.#resolver.setServers([`127.0.0.1:${fleet.queryPort}`])
  }

  close(): void {
    this.#redis.disconnect()
  }

  /** What was done so far and how it was answered. */
  told(): string {
    return [...this.#deeds]
      .map(([what, count]) => `${what} ${count}`)
      .sort()
      .join(', ')
  }

  /** Does all steps, then waits until everything agrees, then deletes all and waits until nothing is left. */
  async run(steps: readonly Step[]): Promise<void> {
    const deeds: Promise<void>[] = []
    for (const step of steps) {
      if (step.what === 'engine') await Promise.all([...deeds, this.#quiet()])
      const deed = this.#do(step)
      deeds.push(deed)
      if (step.what === 'engine') await deed
      else if (step.afterMs === undefined) await deed
      else await sleep(step.afterMs)
    }
    await Promise.all(deeds)
    await this.settle()
    await this.#clear()
    this.schedules++
  }

  /**
   * Waits until the engine has nothing to do: Docker 20.10, ended while it starts a container, leaves a process behind
   * that nobody stops, with an address that it gives to another container.
   */
  async #quiet(): Promise<void> {
    let before = ''
    for (let still = 0; still < 6; await sleep(100)) {
      const all = await this.#fleet.engine.docker.listContainers({ all: true })
      const now = JSON.stringify(all.map(({ Id, State }) => `${Id} ${State}`).sort())
      still = now === before ? still + 1 : 0
      before = now
    }
  }

  async #clear(): Promise<void> {
    await Promise.all([...this.#known.values()].map((known) => this.#delete(known)))
    this.#flushed = false
    await this.settle()
    const left = [...this.#known.values()].filter(({ presence }) => presence !== 'gone')
    if (left.length > 0) throw new Violation(`After deleting all there is still ${left.map(({ id }) => id)}.`)
    this.#gone.push(...this.#known.values())
    this.#gone.splice(0, this.#gone.length - 20)
    this.#known.clear()
    this.#unanswered = 0
    this.#refused = 0
  }

  async #do(deed: Deed): Promise<void> {
    switch (deed.what) {
      case 'create':
        return this.#made(
          await this.#ask('create', 'POST', '', { template: TEMPLATE, ...(deed.name ? { name: deed.name } : {}) }),
        )
      case 'crash':
        return this.#fleet.crash(deed.part)
      case 'redis':
        return this.#fleet.restartRedis(deed.signal)
      case 'engine':
        return this.#fleet.restartEngine(deed.signal)
      case 'flush':
        this.#flushed = true
        for (const known of this.#known.values()) this.#forgetPromises(known)
        await this.#redis.flushall().catch(() => undefined)
        return
      default: {
        const there = [...this.#known.values()].filter(({ presence }) => presence !== 'gone')
        const known = there[deed.of % there.length]
        if (!known) return
        if (deed.what === 'delete') return this.#delete(known)
        if (deed.what === 'fork') return this.#made(await this.#ask('fork', 'POST', `/${known.id}/fork`, {}), known)
        if (deed.what === 'rename') return this.#rename(known, deed.name)
        return this.#change(known, deed.what)
      }
    }
  }

  /** What only the store knew is gone with it: a delete that waits for a host, a name the host was not told. */
  #forgetPromises(known: Known): void {
    if (known.presence === 'going') known.presence = 'may'
    known.states = new Set(['running', 'stopped'])
  }

  async #made({ status, body }: Answer, source?: Known): Promise<void> {
    if (status !== 201) {
      if (status === 0) this.#unanswered++
      else this.#refused++
      return
    }
    const { id = '', name = '', subdomain = '', host = '', port = 0, token = '' } = body
    const known: Known = {
      ...{ id, subdomain, host, port, token, changing: 0, changes: 0 },
      note: source?.note,
      names: new Set([name]),
      states: new Set(['running']),
      presence: 'must',
    }
    // Written before anybody can stop it: a request would start it again.
    const wrote = source ? undefined : await this.#door(known, 'PUT', '/note', subdomain).catch(() => undefined)
    if (wrote?.status === 200) known.note = subdomain
    this.#known.set(id, known)
  }

  async #delete(known: Known): Promise<void> {
    const before = known.presence
    // From now on it may be gone at any time, and whatever else is asked of it may fail.
    if (before === 'must') known.presence = 'may'
    const flushedBefore = this.#flushed
    const { status } = await this.#ask('delete', 'DELETE', `/${known.id}`)
    if (status === 204) known.presence = 'gone'
    else if (status === 202) known.presence = this.#flushed && !flushedBefore ? 'may' : 'going'
    else if (status === 404 && before === 'must' && !this.#flushed) {
      throw new Violation(`${known.id} was acknowledged, never deleted, and is not known.`)
    }
    // An emptied store does not know it yet; it is found on its host again.
    else if (status === 404) known.presence = before
  }

  async #rename(known: Known, name: string): Promise<void> {
    known.names.add(name)
    const { status, body } = await this.#ask('rename', 'PATCH', `/${known.id}`, { name })
    if (status === 200 && body.name === name) known.names = new Set([name])
    else if (status === 409) known.names.delete(name)
  }

  async #change(known: Known, what: 'stop' | 'start'): Promise<void> {
    const state = what === 'stop' ? 'stopped' : 'running'
    const isAlone = known.changing++ === 0
    const mine = ++known.changes
    known.states.add(state)
    const { status } = await this.#ask(what, 'POST', `/${known.id}/${what}`)
    known.changing--
    // Of two at the same time nobody knows which was the last.
    if (status === 200 && isAlone && known.changes === mine && !this.#flushed) known.states = new Set([state])
  }

  /** Waits until everything that must hold does. */
  async settle(): Promise<void> {
    let last: unknown
    for (const deadline = Date.now() + SETTLES_WITHIN_MS; Date.now() < deadline; await sleep(100)) {
      try {
        return this.#learn(await this.#look())
      } catch (error) {
        last = error
      }
    }
    throw new Violation(`It does not settle: ${last instanceof Error ? last.message : String(last)}`)
  }

  /** Gives all sandboxes; rejects with what does not hold. */
  async #look(): Promise<View[]> {
    const sandboxes = await this.#list()
    const containers = await this.#containers()
    this.#matches(sandboxes)
    same(
      'sandboxes and containers',
      sandboxes.map(({ id, host }) => `${id} ${host}`),
      containers.map(({ id, host }) => `${id} ${host}`),
    )
    for (const { id, state, port } of sandboxes) {
      const container = containers.find((each) => each.id === id)
      const is = container?.isRunning ? 'running' : 'stopped'
      if (is !== state) throw new Violation(`${id} is ${state}, and its container is ${is}.`)
      if (container?.port !== port) throw new Violation(`${id} has port ${port}, and its container ${container?.port}.`)
    }
    unique(
      'names',
      sandboxes.map(({ name }) => name),
    )
    unique(
      'subdomains',
      sandboxes.map(({ subdomain }) => subdomain),
    )
    unique(
      'ports',
      sandboxes.map(({ host, port }) => `${host}:${port}`),
    )
    await this.#storeAgrees(sandboxes)
    await this.#namesAgree(sandboxes)
    await Promise.all(sandboxes.map((sandbox) => this.#answers(sandbox)))
    await Promise.all([...this.#gone.slice(-5), ...this.#known.values()].map((known) => this.#isShut(known)))
    return sandboxes
  }

  #matches(sandboxes: View[]): void {
    const strangers = sandboxes.filter(({ id }) => !this.#known.has(id)).length
    const allowed = this.#unanswered + (this.#flushed ? this.#refused : 0)
    if (strangers > allowed) {
      throw new Violation(`${strangers} sandboxes are nobody's; ${allowed} requests were not answered.`)
    }
    for (const { id, name, subdomain, host, port, state } of sandboxes) {
      if (state !== 'running' && state !== 'stopped') throw new Violation(`${id} is ${state}.`)
      const known = this.#known.get(id)
      if (!known) continue
      if (known.presence === 'gone' || known.presence === 'going')
        throw new Violation(`${id} was deleted and is ${state}.`)
      if (!known.states.has(state)) throw new Violation(`${id} is ${state}; it should be ${[...known.states]}.`)
      if (!this.#flushed && !known.names.has(name))
        throw new Violation(`${id} is called ${name}, not ${[...known.names]}.`)
      if (known.subdomain !== subdomain || known.host !== host || known.port !== port) {
        throw new Violation(`${id} is not where its link leads: ${host}:${port}.`)
      }
    }
    const there = new Set(sandboxes.map(({ id }) => id))
    for (const { id, presence } of this.#known.values()) {
      if (presence === 'must' && !there.has(id)) throw new Violation(`${id} was acknowledged and is lost.`)
    }
  }

  /** All has settled: what is there stays, and what is not does not come back. */
  #learn(sandboxes: View[]): void {
    for (const { id, name, subdomain, host, port, state } of sandboxes) {
      const nobodys = { token: '', note: undefined, presence: 'may' as const, changing: 0, changes: 0 }
      const known = this.#known.get(id) ?? { id, subdomain, host, port, ...nobodys }
      this.#known.set(id, { ...known, names: new Set([name]), states: new Set([state]) })
    }
    const there = new Set(sandboxes.map(({ id }) => id))
    for (const known of this.#known.values()) if (!there.has(known.id)) known.presence = 'gone'
  }

  async #storeAgrees(sandboxes: View[]): Promise<void> {
    const keys = fleetKeys(this.#fleet.name)
    const count = (host: string) => sandboxes.filter((sandbox) => sandbox.host === host).length
    const taken = await this.#redis.hgetall(keys.hostTaken)
    same(
      'slots',
      addresses.map((host) => `${host} ${count(host)}`),
      Object.entries(taken).map(([host, many]) => `${host} ${many}`),
    )
    const offered = await this.#redis.zrange(keys.hosts, 0, -1, 'WITHSCORES')
    const free = addresses.filter((host) => count(host) < CAPACITY)
    same(
      'hosts with room',
      free.flatMap((host) => [host, `${count(host)}`]),
      offered,
    )
    for (const host of addresses) {
      if (count(host) > CAPACITY) throw new Violation(`${host} has ${count(host)} of ${CAPACITY}.`)
    }
    const ports = await this.#redis.hgetall(keys.ports)
    same(
      'ports',
      sandboxes.map(({ subdomain, port }) => `${subdomain} ${port}`),
      Object.entries(ports).map(([name, port]) => `${name} ${port}`),
    )
  }

  /** By queries, and no other names in the zone. */
  async #namesAgree(sandboxes: View[]): Promise<void> {
    const { domain, dnsUrl, dnsToken } = this.#fleet
    const response = await fetch(`${dnsUrl}/v1/zones/${domain}/rrsets`, {
      headers: { authorization: `Bearer ${dnsToken}` },
    })
    const { rrsets } = (await response.json()) as { rrsets: { name: string }[] }
    same(
      'names',
      sandboxes.map(({ subdomain }) => subdomain),
      rrsets.map(({ name }) => name),
    )
    for (const { subdomain, host } of sandboxes) {
      const found = await this.#resolver.resolve4(`${subdomain}.${domain}`)
      same(`the address of ${subdomain}`, [host], found)
    }
  }

  /** A running one answers as itself, with what was written into it. */
  async #answers({ id, state }: View): Promise<void> {
    const known = this.#known.get(id)
    if (!known?.token || state !== 'running') return
    const { status, text } = await this.#door(known, 'GET', '/note')
    if (status !== 200 && status !== 404) throw new Violation(`${id} answers ${status}.`)
    if (known.note && text !== known.note) throw new Violation(`${id} has the note ${text}, not ${known.note}.`)
  }

  /** Where a deleted one was, its old link opens nothing. */
  async #isShut(known: Known): Promise<void> {
    if (known.presence !== 'gone' || !known.token) return
    const answer = await this.#door(known, 'GET', '/note').catch(() => undefined)
    if (answer && answer.status < 400)
      throw new Violation(`${known.id} is deleted, and its door answers ${answer.status}.`)
  }

  async #list(): Promise<View[]> {
    const { status, body } = await this.#call('GET', '')
    if (status !== 200) throw new Violation(`The list answers ${status}.`)
    return (body as unknown as { sandboxes: View[] }).sandboxes
  }

  /** Of this fleet and not of the pool. */
  async #containers() {
    const filters = { label: [`omega.fleet=${this.#fleet.name}`] }
    const all = await this.#fleet.engine.docker.listContainers({ all: true, filters })
    const pool = all.filter(({ Names }) => Names[0]?.startsWith('/omega-pool-'))
    for (const host of addresses) {
      const on = (some: typeof all) => some.filter(({ Labels }) => Labels['omega.host'] === host).length
      const room = host === POOL_HOST ? CAPACITY - on(all) : -on(pool)
      if (room < 0) throw new Violation(`${host} has ${on(all)} containers, ${on(pool)} of them nobody's.`)
    }
    return all
      .filter((container) => !pool.includes(container))
      .map(({ Names, Labels, State }) => {
        const mark = markOf(Names[0]?.slice(1) ?? '')
        if (!mark) throw new Violation(`A container is called ${Names}.`)
        return { id: mark.sandboxId, port: mark.port, host: Labels['omega.host'] ?? '', isRunning: State === 'running' }
      })
  }

  /** Something a schedule asks for: its answer is counted. */
  async #ask(what: string, method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.#call(method, path, body)
    const key = `${what} ${answer.status || 'unanswered'}`
    this.#deeds.set(key, (this.#deeds.get(key) ?? 0) + 1)
    return answer
  }

  async #call(method: string, path: string, body?: object): Promise<Answer> {
    try {
      const response = await fetch(`${this.#fleet.masterUrl}/v1/sandboxes${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#fleet.token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(60_000),
      })
      const text = await response.text()
      return { status: response.status, body: text ? JSON.parse(text) : {} }
    } catch {
      return { status: 0, body: {} }
    }
  }

  #door(known: Known, method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const headers = {
      host: `${known.subdomain}.${this.#fleet.domain}:${known.port}`,
      authorization: `Bearer ${known.token}`,
    }
    return new Promise((resolve, reject) => {
      const options = { host: known.host, port: known.port, path, method, headers, agent: false, timeout: 5_000 }
      const sent = request(options, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part) => {
          text += part
        })
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.once('error', reject)
      })
      sent.once('timeout', () => sent.destroy(new Error('no answer')))
      sent.once('error', reject)
      sent.end(body)
    })
  }
}

function same(what: string, wanted: readonly string[], found: readonly string[]): void {
  const [left, right] = [[...wanted].sort().join(', '), [...found].sort().join(', ')]
  if (left !== right) throw new Violation(`${what} do not agree: ${left} / ${right}`)
}

function unique(what: string, all: readonly string[]): void {
  if (new Set(all).size < all.length) throw new Violation(`two have the same of ${what}: ${all}`)
}
