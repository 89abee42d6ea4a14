import type { FleetStore } from '../../core/fleet-store.ts'
import { type Host, isAway } from '../../core/host.ts'
import type { HostProvider, Machine } from '../../core/host-provider.ts'
import type { Launch, LaunchStore } from '../../core/launch.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { ScalingObserver } from './metrics.ts'
import type { ScalingPace } from './scaling-config.ts'
import { Suspicions } from './suspicions.ts'

export interface LaunchKeeperParts {
  store: FleetStore
  launches: LaunchStore
  provider: HostProvider
  pace: ScalingPace
  lifecycle: Pick<Lifecycle, 'forget'>
  /** Told why a launch came to nothing, and so would the next one. */
  onFailed: (reason: string) => void
  /** Told that one came to something. */
  onJoined: () => void
  observe?: ScalingObserver
  log: Logger
  now: () => number
}

/** What a boot says that cannot go on (core/user-data.ts). */
const FAILED = 'failed '
/** Of a machine whose order is not on record any more. */
const UNKNOWN = { type: 'unknown', market: 'on-demand' } as const
const NO_LIMITS = { maxHosts: Number.MAX_SAFE_INTEGER, maxPerHour: Number.MAX_SAFE_INTEGER }
/** A host that was heard of so long after it joined has its key. */
const BURN_AFTER_MS = 30_000
/** So many machines that nobody asked for are ended in one round. */
const ORPHANS_AT_ONCE = 3

/**
 * Makes records of launches and the provider's machines agree, both ways. Never on missing data: it is called with a
 * complete list only, and what is missing from one list is asked for again in a later one.
 */
export class LaunchKeeper {
  readonly #parts: LaunchKeeperParts
  readonly #missing: Suspicions
  readonly #suspects: Suspicions
  /** Machines whose manager joined, and whose host is not there. */
  readonly #homeless: Suspicions
  readonly #told = new Set<string>()
  readonly #since: number

  constructor(parts: LaunchKeeperParts) {
    this.#parts = parts
    this.#since = parts.now()
    this.#missing = new Suspicions(parts.pace.visibleWithinMs / 2)
    this.#suspects = new Suspicions(parts.pace.orphanMs)
    this.#homeless = new Suspicions(parts.pace.joinWithinMs)
  }

  async settle(all: readonly Launch[], machines: readonly Machine[], fence: number): Promise<void> {
    const { store, launches, now, pace } = this.#parts
    const byLaunch = new Map(all.map((launch) => [launch.id, machineOf(launch, machines)]))
    const absent = all.filter((launch) => now() - launch.orderedAt > pace.visibleWithinMs && !byLaunch.get(launch.id))
    const missing = new Set(
      this.#missing.look(
        absent.map(({ id }) => id),
        now(),
        () => false,
      ),
    )
    const hosts = new Map((await store.listHosts()).map((host) => [host.address, host]))
    const homeless = this.#homeless.look(
      all.filter(({ state, address }) => state === 'joined' && !hosts.has(address)).map(({ id }) => id),
      now(),
    )
    for (const launch of all) {
      const machine = byLaunch.get(launch.id)
      // Nobody is placed on what goes, whoever said that it may take some again.
      const host = hosts.get(launch.address)
      if (launch.state === 'ending' && host && host.state === 'ready') await store.setDraining(host.address, true)
      if (launch.state === 'ending') await this.#finish(launch, machine, missing.has(launch.id), fence)
      else if (launch.state === 'ordered' && machine) await this.#found(launch, machine, fence)
      else if (launch.state === 'booting') await this.#boot(launch, machine, missing.has(launch.id), fence)
      else if (launch.state === 'joined') {
        if (machine && launch.machineId === '') {
          await launches.change(launch.id, ['joined'], { machineId: machine.id }, fence)
        }
        // It has its own key by now, which it beats with: its token is good for nothing any more, also where the master that
        // heard its first beat had heard that address before.
        if (
          launch.joinHash !== '' &&
          host &&
          !isAway(host.state) &&
          host.lastBeatAt > launch.changedAt + BURN_AFTER_MS
        ) {
          await launches.change(launch.id, ['joined'], { joinHash: '' }, fence)
        }
        // One that beats is there, whatever the list says: somebody may have taken its tags away.
        const isGone = machine ? !isThere(machine) : missing.has(launch.id) && (!host || isAway(host.state))
        if (isGone) await this.#lost(launch, machine, fence)
        else if (homeless.has(launch.id)) await this.end(launch.id, 'its host is not in the fleet (any more)', fence)
        else if (host && this.#isDead(host)) await this.end(launch.id, deadText(host, now()), fence)
        else if (!this.#told.has(launch.id)) {
          this.#told.add(launch.id)
          const isNews = launch.changedAt >= this.#since
          if (isNews) this.#parts.observe?.('joined', (launch.changedAt - launch.orderedAt) / 1000)
          this.#parts.onJoined()
        }
      }
    }
    await this.#endOrphans(all, machines)
  }

  /**
   * A machine that no record knows and whose manager is in the fleet is one of ours: the store was emptied. It gets a
   * record again.
   */
  async adopt(all: readonly Launch[], machines: readonly Machine[], fence: number): Promise<void> {
    const { store, launches, log } = this.#parts
    const orphans = this.orphans(all, machines)
    if (orphans.length === 0) return
    const known = new Set(all.map(({ id }) => id))
    const hosts = new Set((await store.listHosts()).map(({ address }) => address))
    for (const { id, launchId, address: inside = '', publicAddress = '' } of orphans) {
      const address = [publicAddress, inside].find((each) => hosts.has(each))
      if (address === undefined || launchId === undefined || known.has(launchId)) continue
      const found = {
        id: launchId,
        state: 'joined',
        machineId: id,
        address,
        attempt: 0,
        joinHash: '',
        step: '',
      } as const
      const launch: Launch = { ...found, offering: UNKNOWN, reason: 'found with its host', orderedAt: 0, changedAt: 0 }
      await launches.order(launch, NO_LIMITS, fence)
      log.warn({ machine: id, host: address }, 'scaling: a machine of the fleet was on no record; it is again')
    }
  }

  /** Machines that cost something, of no record. */
  orphans(all: readonly Launch[], machines: readonly Machine[]): Machine[] {
    const known = new Set(all.map((launch) => machineOf(launch, machines)?.id))
    return machines.filter((machine) => !known.has(machine.id) && !machine.isKept && isThere(machine))
  }

  /** It is to go: written down first. */
  async end(id: string, reason: string, fence: number): Promise<void> {
    const { store, launches, log } = this.#parts
    const ended = await launches.change(
      id,
      ['ordered', 'booting', 'joined'],
      { state: 'ending', reason, joinHash: '' },
      fence,
    )
    if (!ended) return
    this.#parts.observe?.('ended')
    if (ended.address !== '') await store.setDraining(ended.address, true)
    log.info({ launch: id, host: ended.address || undefined, reason }, 'scaling: the host is given back')
    if (ended.machineId) await this.#terminate(ended.machineId)
  }

  /** It came to nothing, and so would the next one. */
  async fail(launch: Launch, reason: string, fence: number): Promise<void> {
    this.#parts.observe?.('failed')
    this.#parts.onFailed(`The launch ${launch.id} failed: ${reason}.`)
    await this.end(launch.id, reason, fence)
  }

  /** The call's answer was lost, or its master. */
  async #found(launch: Launch, machine: Machine, fence: number): Promise<void> {
    await this.#parts.launches.change(launch.id, ['ordered'], { state: 'booting', machineId: machine.id }, fence)
  }

  async #boot(launch: Launch, machine: Machine | undefined, isMissing: boolean, fence: number): Promise<void> {
    const { now, pace } = this.#parts
    const hasEnded = machine?.state === 'gone' || machine?.state === 'ending'
    if (hasEnded || isMissing) {
      return this.fail(
        launch,
        `its machine ended before it joined (${machine?.reason ?? 'it is not to be seen'})`,
        fence,
      )
    }
    if (launch.step.startsWith(FAILED)) return this.fail(launch, `its boot ${launch.step}`, fence)
    if (now() - launch.changedAt > pace.joinWithinMs) {
      await this.fail(launch, `its manager did not join within ${Math.round(pace.joinWithinMs / 1000)} s`, fence)
    }
  }

  /** Its machine is gone, with all that was on it. */
  async #lost(launch: Launch, machine: Machine | undefined, fence: number): Promise<void> {
    const { log } = this.#parts
    const reason = `its machine is gone (${machine?.reason ?? 'it is not to be seen'})`
    log.warn({ launch: launch.id, host: launch.address, reason }, 'scaling: a host is lost')
    await this.end(launch.id, reason, fence)
  }

  async #finish(launch: Launch, machine: Machine | undefined, isMissing: boolean, fence: number): Promise<void> {
    const { store, launches, now, pace, log } = this.#parts
    if (machine && machine.state !== 'gone' && machine.state !== 'ending') return this.#terminate(machine.id)
    const isGone = machine?.state === 'gone'
    const isNever = launch.machineId === '' && now() - launch.changedAt > pace.visibleWithinMs
    if (!isGone && !isMissing && !isNever) return
    if (launch.address !== '') {
      const outcome = await store.removeHost(launch.address)
      // Its sandboxes are lost first; the host goes in a later round.
      if (outcome === 'inUse') return this.#loseSandboxes(launch.address)
    }
    if (await launches.forget(launch.id, fence)) log.info({ launch: launch.id }, 'scaling: nothing is left of a launch')
  }

  /** A machine that is gone for certain takes its sandboxes with it. */
  async #loseSandboxes(address: string): Promise<void> {
    const { store, lifecycle, log } = this.#parts
    for (const sandbox of await store.list()) {
      if (sandbox.host !== address) continue
      log.warn({ sandbox: sandbox.id, host: address }, 'scaling: a sandbox was lost with its host')
      await lifecycle.forget(sandbox)
    }
  }

  /** Machines of this fleet that no record knows: from a store that was emptied, or a crash nobody thought of. */
  async #endOrphans(all: readonly Launch[], machines: readonly Machine[]): Promise<void> {
    const { now, pace, log } = this.#parts
    // A young one may belong to a record that is younger still.
    const orphans = this.orphans(all, machines).filter(({ launchedAt }) => now() - launchedAt > pace.joinWithinMs)
    const confirmed = this.#suspects.look(
      orphans.map(({ id }) => id),
      now(),
      () => false,
    )
    for (const id of [...confirmed].slice(0, ORPHANS_AT_ONCE)) {
      log.warn({ machine: id }, 'scaling: ends a machine that nobody asked for')
      await this.#terminate(id)
    }
  }

  /** Its machine runs and nobody hears of it: it costs money for nothing. What is on it waits longer than the host itself. */
  #isDead({ state, containers, lastBeatAt }: Host): boolean {
    const { now, pace } = this.#parts
    return state === 'lost' && now() - lastBeatAt > (containers === 0 ? pace.deadEmptyMs : pace.deadMs)
  }

  async #terminate(machineId: string): Promise<void> {
    const { provider, log } = this.#parts
    await provider.terminate([machineId]).catch((error) => {
      log.warn({ machine: machineId, err: error }, 'scaling: the machine is ended later')
    })
  }
}

function deadText({ lastBeatAt }: Host, now: number): string {
  return `nothing was heard of it for ${Math.round((now - lastBeatAt) / 60_000)} min`
}

/** The machine of a launch: the one on its record, or, before there is one, one with its tag, rather one that is there. */
function machineOf({ id, machineId }: Launch, machines: readonly Machine[]): Machine | undefined {
  if (machineId !== '') return machines.find((machine) => machine.id === machineId)
  const tagged = machines.filter(({ launchId }) => launchId === id)
  return tagged.find(isThere) ?? tagged[0]
}

const isThere = ({ state }: Machine) => state !== 'gone' && state !== 'ending'
