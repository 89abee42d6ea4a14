import { randomBytes } from 'node:crypto'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { Host } from '../../core/host.ts'
import { LaunchRefused, type Machine } from '../../core/host-provider.ts'
import type { Launch, LaunchStore } from '../../core/launch.ts'
import { newLaunchId } from '../../core/names.ts'
import { isLiving } from '../../core/sandbox.ts'
import { decideScaling, type ScalingDecision } from '../../core/scaling.ts'
import { hashToken } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'
import { type Repeating, repeat } from '../../drivers/repeating.ts'
import type { Evacuation } from './evacuation.ts'
import { LaunchKeeper } from './launch-keeper.ts'
import { joinTokenOf } from './launch-token.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { ScalingObserver } from './metrics.ts'
import { Offerings, offeringText } from './offerings.ts'
import type { ScalingConfig, ScalingPace } from './scaling-config.ts'
import { type ScalingStatus, statusOf, tellStatus } from './scaling-status.ts'

const LEASE = 'scaling'
/** The bookmark of the build that hosts are to run, and since when. */
const VERSION = 'scaling/version'

export interface ScalerParts extends Omit<ScalingConfig, 'masterUrl' | 'pace'> {
  pace: ScalingPace
  masterUrl: () => string
  store: FleetStore
  launches: LaunchStore
  lifecycle: Pick<Lifecycle, 'forget'>
  evacuation: Pick<Evacuation, 'look'>
  secret: string
  holder: string
  observe?: ScalingObserver
  log: Logger
  now: () => number
}

/**
 * Gets hosts from the provider when they are wanted and gives them back when they are not. Of several masters one does
 * it at a time, under a lease whose fence is part of every step. Whatever it does was written down before.
 */
export class FleetScaler {
  readonly #parts: ScalerParts
  readonly #offerings: Offerings
  readonly #keeper: LaunchKeeper
  readonly #emptySince = new Map<string, number>()
  /** Launches the provider is being asked for now, and when one may be asked for again. */
  readonly #asking = new Map<string, Promise<void>>()
  readonly #askAgainAt = new Map<string, number>()
  #failures = 0
  #restsUntil = 0
  #restReason = ''
  #machines: readonly Machine[] = []
  #listedAt = Number.NEGATIVE_INFINITY
  /** Why the provider did not tell, how often in a row, and when it is asked again. */
  #blind = { reason: '', times: 0, untilMs: 0 }
  #status = ''
  #last: ScalingStatus['last']
  #fence = 0
  #versionSince = Number.POSITIVE_INFINITY
  #passes: Repeating | undefined

  constructor(parts: ScalerParts) {
    this.#parts = parts
    this.#offerings = new Offerings(parts.offerings)
    const onJoined = () => {
      this.#failures = 0
    }
    this.#keeper = new LaunchKeeper({ ...parts, onFailed: (reason) => this.#rest(reason), onJoined })
  }

  start(): void {
    const { pace, log } = this.#parts
    this.#passes = repeat(
      pace.everyMs,
      () => this.pass(),
      (err) => log.warn({ err }, 'scaling: pass failed, tried again soon'),
    )
  }

  async stop(): Promise<void> {
    await this.#passes?.stop()
    await Promise.allSettled(this.#asking.values())
    await this.#parts.store.endLease(LEASE, this.#parts.holder).catch(() => false)
    await this.#parts.provider.close()
  }

  /** One round. */
  async pass(): Promise<void> {
    const { store, launches, holder, pace, now } = this.#parts
    const lease = await store.lease(LEASE, holder, pace.leaseMs)
    if (!lease) return
    // A new turn knows nothing, also when its master is the same: the store may have been emptied.
    if (lease.fence !== this.#fence) {
      this.#listedAt = Number.NEGATIVE_INFINITY
      this.#last = (await statusOf(store)).last
      await this.#agreeOnVersion()
      this.#status = ''
    }
    this.#fence = lease.fence
    if (await this.#look(await launches.list())) {
      await this.#keeper.adopt(await launches.list(), this.#machines, this.#fence)
      await this.#keeper.settle(await launches.list(), this.#machines, this.#fence)
    }
    const all = await launches.list()
    for (const launch of all) if (launch.state === 'ordered') this.#ask(launch)
    // A host that joins meanwhile is seen as one or the other, or as both for a moment: never as none.
    const current = await launches.list()
    const hosts = await store.listHosts()
    this.#noteEmpty(hosts)
    const outdated = this.#outdated(hosts, current)
    for (const { address, state } of hosts) {
      if (state === 'draining' && outdated.has(address)) await this.#parts.evacuation.look(address, 'resting')
    }
    const view = {
      ...{ now: now(), hosts, launches: current, waiting: await launches.waiting(), emptySince: this.#emptySince },
      outdated,
      toMove: await this.#toMove(hosts, outdated),
      mayOrder: this.#parts.limits.maxHosts - current.length,
    }
    const decision = decideScaling(view, this.#parts.settings)
    const blocked = decision.order > 0 ? await this.#order(decision.order, decision.reason) : undefined
    for (const address of decision.drain) await this.#drain(address, decision)
    for (const id of decision.end) await this.#keeper.end(id, decision.reason, this.#fence)
    if (blocked === undefined) this.#note(decision)
    const coming = (await launches.list()).filter(({ state }) => state === 'ordered' || state === 'booting').length
    await this.#tell({ coming, ...(blocked !== undefined && { blocked }), ...(this.#last && { last: this.#last }) })
  }

  /** Asks the provider for all of its machines when it is time; false if nothing is known that is new. */
  async #look(all: readonly Launch[]): Promise<boolean> {
    const { provider, pace, now, log } = this.#parts
    const isBusy = all.some(({ state }) => state !== 'joined')
    if (now() - this.#listedAt < (isBusy ? pace.listBusyMs : pace.listIdleMs) || now() < this.#blind.untilMs)
      return false
    try {
      this.#machines = await provider.list()
      this.#listedAt = now()
      if (this.#blind.times > 0) log.info('scaling: the provider tells what there is again')
      this.#blind = { reason: '', times: 0, untilMs: 0 }
      return true
    } catch (error) {
      // Nothing is concluded from what could not be seen.
      const reason = error instanceof Error ? error.message || error.name : String(error)
      const times = this.#blind.times + 1
      if (reason !== this.#blind.reason) log.warn({ reason }, 'scaling: the provider does not tell what there is')
      this.#blind = { reason, times, untilMs: now() + pace.everyMs * 2 ** Math.min(times, 6) }
      return false
    }
  }

  /** Hosts of ours that run another build than this master hands out, and joined before it did. */
  #outdated(hosts: readonly Host[], launches: readonly Launch[]): Set<string> {
    const { version, pace, now } = this.#parts
    // Masters of two builds may take turns while they are upgraded.
    if (version === undefined || now() - this.#versionSince < pace.rollAfterMs) return new Set()
    const ours = new Set(launches.filter(({ state }) => state === 'joined').map(({ address }) => address))
    const old = hosts.filter((host) => {
      return ours.has(host.address) && host.version !== version && host.registeredAt < this.#versionSince
    })
    return new Set(old.map(({ address }) => address))
  }

  /** Since when this is the build that hosts are to run, whichever master says so. */
  async #agreeOnVersion(): Promise<void> {
    const { store, version, now } = this.#parts
    if (version === undefined) return
    const [known, since] = (await store.bookmark(VERSION))?.split(' ') ?? []
    this.#versionSince = known === version ? Number(since) : now()
    if (known !== version) await store.setBookmark(VERSION, `${version} ${this.#versionSince}`)
  }

  /** Sandboxes that are to leave: all of hosts that are taken back, of those out of date what nobody uses. */
  async #toMove(hosts: readonly Host[], outdated: ReadonlySet<string>): Promise<number> {
    const { store } = this.#parts
    const going = new Map(hosts.filter(({ state }) => state === 'draining').map((host) => [host.address, host]))
    const isGoing = ({ address, load }: Host) => load?.leavesAt !== undefined || outdated.has(address)
    if (![...going.values()].some(isGoing)) return 0
    const placed = await store.moves()
    const leaving = (await store.list()).filter(({ id, host, state }) => {
      const from = going.get(host)
      if (!from || !isLiving(state) || placed.has(id)) return false
      return from.load?.leavesAt !== undefined || (outdated.has(host) && state !== 'running')
    })
    return leaving.length
  }

  #noteEmpty(hosts: readonly { address: string; containers: number }[]): void {
    const { now } = this.#parts
    const empty = new Set(hosts.filter(({ containers }) => containers === 0).map(({ address }) => address))
    for (const address of this.#emptySince.keys()) if (!empty.has(address)) this.#emptySince.delete(address)
    for (const address of empty) if (!this.#emptySince.has(address)) this.#emptySince.set(address, now())
  }

  /** Writes orders down. Gives the reason when not all that are wanted could be. */
  async #order(count: number, reason: string): Promise<string | undefined> {
    const { launches, limits, secret, now, log } = this.#parts
    if (this.#restsUntil > now()) return this.#restReason
    // What costs money and is on no record counts, too.
    const unknown = this.#keeper.orphans(await launches.list(), this.#machines).length
    const allowed = { ...limits, maxHosts: limits.maxHosts - unknown }
    if (this.#listedAt === Number.NEGATIVE_INFINITY) {
      return `the provider does not tell which machines there are (${this.#blind.reason})`
    }
    for (let index = 0; index < count; index++) {
      const offering = this.#offerings.pick(now())
      if (!offering) return 'nothing of what may be launched is to be had now; it is tried again in a few minutes'
      const id = newLaunchId(randomBytes)
      const joinHash = hashToken(joinTokenOf(secret, id))
      const launch: Launch = {
        ...{ id, state: 'ordered', offering, attempt: 0, joinHash, machineId: '', address: '', reason, step: '' },
        ...{ orderedAt: 0, changedAt: 0 },
      }
      const { outcome } = await launches.order(launch, allowed, this.#fence)
      if (outcome === 'stale') return undefined
      if (outcome !== 'ordered') return limitText(outcome, limits)
      log.info({ launch: id, offering: offeringText(offering), reason }, 'scaling: a host is launched')
      this.#parts.observe?.('ordered')
      this.#ask({ ...launch, orderedAt: now(), changedAt: now() })
    }
    return undefined
  }

  /** Asks the provider for the machine of a launch, in the background. */
  #ask(launch: Launch): void {
    const { id } = launch
    if (this.#asking.has(id) || (this.#askAgainAt.get(id) ?? 0) > this.#parts.now()) return
    const asking = this.#askFor(launch)
      .catch((error) => this.#parts.log.warn({ launch: id, err: error }, 'scaling: the launch is tried again'))
      .finally(() => this.#asking.delete(id))
    this.#asking.set(id, asking)
  }

  async #askFor(launch: Launch): Promise<void> {
    const { launches, provider, secret, userData, masterUrl, pace, now, log } = this.#parts
    const { id, offering, attempt, orderedAt } = launch
    const fence = this.#fence
    if (now() - orderedAt > pace.launchWithinMs) {
      return this.#keeper.fail(launch, 'the provider made no machine in time', fence)
    }
    try {
      const order = {
        launchId: id,
        offering,
        token: `${id}-${attempt}`,
        userData: userData(id, joinTokenOf(secret, id), masterUrl()),
      }
      const machine = await provider.launch(order)
      this.#askAgainAt.delete(id)
      await launches.change(id, ['ordered'], { state: 'booting', machineId: machine.id }, fence)
    } catch (error) {
      if (!(error instanceof LaunchRefused)) throw error
      log.warn(
        { launch: id, code: error.code, reason: error.message },
        `scaling: the launch was refused (${error.kind})`,
      )
      this.#parts.observe?.('refused')
      await this.#refused(launch, error, fence)
    }
  }

  async #refused(launch: Launch, refusal: LaunchRefused, fence: number): Promise<void> {
    const { launches, limits, pace, now } = this.#parts
    const { id, offering } = launch
    if (refusal.kind === 'later') {
      const tries = Math.min(6, Math.round((now() - launch.orderedAt) / 1000))
      this.#askAgainAt.set(id, now() + 250 * 2 ** tries)
      return
    }
    const reason = `${refusal.code}: ${refusal.message}`
    if (refusal.kind === 'never') return this.#keeper.fail(launch, reason, fence)
    const restMs = refusal.kind === 'offering' ? pace.offeringRestMs : pace.accountRestMs
    this.#offerings.rest(offering, now() + restMs)
    const next = this.#offerings.pick(now())
    if (!next) return this.#keeper.end(id, reason, fence)
    const { outcome } = await launches.exchange(id, next, limits, fence)
    if (outcome === 'spend') await this.#keeper.end(id, `${reason} ${limitText(outcome, limits)}`, fence)
  }

  /** After what an operator must put right, or hosts that do not join: less and less often. */
  #rest(reason: string): void {
    const { pace, now, log } = this.#parts
    this.#failures++
    const ms = pace.faultRestMs * 2 ** Math.min(this.#failures - 1, 4)
    this.#restsUntil = now() + ms
    this.#restReason = `${reason} Nothing is launched for ${Math.round(ms / 1000)} s.`
    log.error({ failures: this.#failures, reason }, 'scaling: hosts do not come to be; launches rest for a while')
  }

  /** For people who ask why. */
  #note({ order, drain, end, reason }: ScalingDecision): void {
    const parts: string[] = []
    if (order > 0) parts.push(order === 1 ? 'a host was asked for' : `${order} hosts were asked for`)
    if (drain.length > 0) parts.push(`${drain.join(', ')} took no more sandboxes`)
    if (end.length > 0) parts.push(end.length === 1 ? 'a host was given back' : `${end.length} hosts were given back`)
    if (parts.length > 0) this.#last = { at: this.#parts.now(), what: `${parts.join(', ')} (${reason})` }
  }

  async #drain(address: string, { reason, isRoll }: ScalingDecision): Promise<void> {
    const { store, log } = this.#parts
    if (!(await store.drainInTurn(address, LEASE, this.#fence, !isRoll))) return
    log.info({ host: address, reason }, 'scaling: the host takes no more sandboxes, and goes')
  }

  async #tell(status: ScalingStatus): Promise<void> {
    const text = JSON.stringify(status)
    if (text === this.#status) return
    await tellStatus(this.#parts.store, status)
    this.#status = text
  }
}

function limitText(outcome: 'hosts' | 'rate' | 'spend', limits: ScalingConfig['limits']): string {
  const { maxHosts, maxPerHour, maxHourly } = limits
  if (outcome === 'hosts') return `the fleet has its ${maxHosts} hosts (--max-hosts)`
  if (outcome === 'rate') return `${maxPerHour} hosts were launched within the last hour (--max-launches)`
  return `another host would cost more than ${maxHourly} dollars an hour (--max-spend)`
}
