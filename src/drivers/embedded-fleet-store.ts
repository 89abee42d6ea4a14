import { OmegaError } from '../core/errors.ts'
import type { FeedPage } from '../core/fleet-feed.ts'
import type { FleetSnapshot } from '../core/fleet-snapshot.ts'
import { FleetState } from '../core/fleet-state.ts'
import type {
  AdoptOutcome,
  FleetStore,
  IdempotencyAnswer,
  Marked,
  PlaceAnswer,
  PlaceLimits,
  RehostOutcome,
  ReserveOutcome,
  SandboxEvent,
  SettingsAnswer,
} from '../core/fleet-store.ts'
import type { Host, HostLoad, NewHost } from '../core/host.ts'
import type { KeptSettings } from '../core/kept-settings.ts'
import { quote } from '../core/names.ts'
import type { LivingState, NewSandbox, Sandbox } from '../core/sandbox.ts'
import { Journal } from './journal.ts'
import type { Logger } from './log.ts'

/** The steps that change the state: what the journal replays. A name is never reused for something else. */
const steps = [
  ...(['place', 'confirm', 'beginDelete', 'remove', 'mark', 'adopt', 'rename', 'setExpiry'] as const),
  ...(['reserveMove', 'endMove', 'rehost'] as const),
  ...(['register', 'beat', 'markSilent', 'setDraining', 'drainInTurn', 'removeHost'] as const),
  ...(['record', 'beginOnce', 'finishOnce', 'abandonOnce', 'changeSettings', 'setBookmark'] as const),
  ...(['lease', 'endLease'] as const),
] as const
type Step = (typeof steps)[number]

/** `[step, now, ...arguments]`. */
type Command = [step: Step, now: number, ...rest: unknown[]]

/** At least this many commands between two snapshots, so that small fleets are not rewritten all the time. */
const COMPACT_AFTER = 5_000

/**
 * The fleet's state in this process, and durable: FleetState, and a journal of the commands that changed it, each with
 * its time. Needs no server; one process at a time. An answer is given once everything it is based on is on disk.
 */
export class EmbeddedFleetStore implements FleetStore {
  #state = new FleetState()
  #journal: Journal<FleetSnapshot, Command> | undefined
  readonly #log: Logger
  readonly #clock: () => number
  /** A clock that is set back must not let time go backwards here. */
  #latest = 0

  private constructor(log: Logger, clock: () => number) {
    this.#log = log
    this.#clock = clock
  }

  /** Opens the fleet kept in `dir`, made if missing. Throws STORE_UNAVAILABLE if it is in use or damaged. */
  static async open(dir: string, log: Logger, clock: () => number = Date.now): Promise<EmbeddedFleetStore> {
    const store = new EmbeddedFleetStore(log, clock)
    store.#journal = await Journal.open<FleetSnapshot, Command>(dir, {
      restore: (snapshot) => {
        store.#state = FleetState.from(snapshot)
      },
      apply: (command) => void store.#apply(command),
    })
    store.#state.listenAfresh(store.#now())
    store.#state.lapseLeases()
    return store
  }

  place(sandbox: NewSandbox, exclude: readonly string[] = [], limits: PlaceLimits = {}): Promise<PlaceAnswer> {
    return this.#change('place', sandbox, exclude, limits)
  }
  confirm(id: string, port: number): Promise<boolean> {
    return this.#change('confirm', id, port)
  }
  mark(id: string, state: LivingState): Promise<Marked | undefined> {
    return this.#change('mark', id, state)
  }
  adopt(sandbox: Sandbox): Promise<AdoptOutcome> {
    return this.#change('adopt', sandbox)
  }
  reserveMove(id: string, to: string): Promise<ReserveOutcome> {
    return this.#change('reserveMove', id, to)
  }
  endMove(id: string): Promise<boolean> {
    return this.#change('endMove', id)
  }
  moves(): Promise<ReadonlyMap<string, string>> {
    return this.#read((state) => state.moves())
  }
  rehost(id: string, from: string, to: string, port: number): Promise<RehostOutcome> {
    return this.#change('rehost', id, from, to, port)
  }
  rename(id: string, name: string): Promise<'renamed' | 'nameTaken' | 'unknown'> {
    return this.#change('rename', id, name)
  }
  setExpiry(id: string, expiresAt: number): Promise<Sandbox | undefined> {
    return this.#change('setExpiry', id, expiresAt)
  }
  beginDelete(id: string): Promise<Sandbox | undefined> {
    return this.#change('beginDelete', id)
  }
  remove(id: string, mayReturn = false): Promise<boolean> {
    return this.#change('remove', id, mayReturn)
  }
  deletedAmong(ids: readonly string[]): Promise<string[]> {
    return this.#read((state) => state.deletedAmong(this.#now(), ids))
  }
  find(idOrName: string): Promise<Sandbox | undefined> {
    return this.#read((state) => state.find(idOrName))
  }
  list(): Promise<Sandbox[]> {
    return this.#read((state) => state.list())
  }

  register(host: NewHost): Promise<Host> {
    return this.#change('register', host)
  }
  beat(address: string, load?: HostLoad): Promise<boolean> {
    return this.#change('beat', address, load)
  }
  markSilent(silentAfterMs: number, lostAfterMs: number): Promise<string[]> {
    return this.#change('markSilent', silentAfterMs, lostAfterMs)
  }
  setDraining(address: string, draining: boolean): Promise<Host | undefined> {
    return this.#change('setDraining', address, draining)
  }
  drainInTurn(address: string, lease: string, fence: number, onlyEmpty: boolean): Promise<Host | undefined> {
    return this.#change('drainInTurn', address, lease, fence, onlyEmpty)
  }
  removeHost(address: string): Promise<'removed' | 'unknown' | 'inUse'> {
    return this.#change('removeHost', address)
  }
  findHost(address: string): Promise<Host | undefined> {
    return this.#read((state) => state.findHost(address))
  }
  listHosts(): Promise<Host[]> {
    return this.#read((state) => state.listHosts())
  }

  record(id: string, event: string, data: Record<string, unknown>): Promise<void> {
    return this.#change('record', id, event, data)
  }
  events(id: string): Promise<SandboxEvent[]> {
    return this.#read((state) => state.events(this.#now(), id))
  }
  feed(afterId: string, limit: number): Promise<FeedPage> {
    return this.#read((state) => state.feed(afterId, limit))
  }
  feedEnd(): Promise<string> {
    return this.#read((state) => state.feedEnd())
  }
  bookmark(name: string): Promise<string | undefined> {
    return this.#read((state) => state.bookmark(name))
  }
  setBookmark(name: string, text: string): Promise<void> {
    return this.#change('setBookmark', name, text)
  }

  beginOnce(key: string, fingerprint: string): Promise<IdempotencyAnswer> {
    return this.#change('beginOnce', key, fingerprint)
  }
  finishOnce(key: string, answer: string): Promise<void> {
    return this.#change('finishOnce', key, answer)
  }
  abandonOnce(key: string): Promise<void> {
    return this.#change('abandonOnce', key)
  }

  lease(name: string, holder: string, ttlMs: number): Promise<{ fence: number } | undefined> {
    return this.#change('lease', name, holder, ttlMs)
  }
  endLease(name: string, holder: string): Promise<boolean> {
    return this.#change('endLease', name, holder)
  }

  settings(person: string): Promise<KeptSettings> {
    return this.#read((state) => state.settings(person))
  }
  changeSettings(person: string, changes: KeptSettings): Promise<SettingsAnswer> {
    return this.#change('changeSettings', person, changes)
  }

  async ping(): Promise<void> {
    await this.#journalInUse().settled()
  }
  async close(): Promise<void> {
    await this.#journal?.close()
  }

  async #change<Name extends Step>(
    step: Name,
    ...rest: Tail<Parameters<FleetState[Name]>>
  ): Promise<ReturnType<FleetState[Name]>> {
    const journal = this.#journalInUse()
    // After a failed write nothing more is changed here that could not be kept.
    if (journal.failure) throw journal.failure
    const before = this.#state.changes
    const command: Command = [step, this.#now(), ...rest]
    const answer = this.#apply(command) as ReturnType<FleetState[Name]>
    if (this.#state.changes === before) await journal.settled()
    else {
      // A story is told beside what it tells of, and its commits would be in the way of the others.
      const saved = step === 'record' ? journal.appendSoon(command) : journal.append(command)
      this.#compactNowAndThen(journal)
      await saved
    }
    return answer
  }

  async #read<T>(look: (state: FleetState) => T): Promise<T> {
    const answer = look(this.#state)
    await this.#journalInUse().settled()
    return answer
  }

  #apply([step, now, ...rest]: Command): unknown {
    if (!steps.includes(step)) {
      throw new OmegaError(
        'STORE_UNAVAILABLE',
        `The journal has a step ${quote(String(step))} that this omega does not know, so a newer one wrote it. Start that version, or a newer one.`,
      )
    }
    this.#latest = Math.max(this.#latest, now)
    const run = this.#state[step] as (now: number, ...rest: unknown[]) => unknown
    return run.call(this.#state, now, ...rest)
  }

  /** The snapshot is made here and now, so its cost must be small beside that of the commands since the last one. */
  #compactNowAndThen(journal: Journal<FleetSnapshot, Command>): void {
    if (journal.entries < Math.max(COMPACT_AFTER, this.#state.size)) return
    journal.compact(this.#state.snapshot(this.#latest)).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'the journal could not be compacted; it grows until the next attempt')
    })
  }

  #now(): number {
    this.#latest = Math.max(this.#latest, this.#clock())
    return this.#latest
  }

  #journalInUse(): Journal<FleetSnapshot, Command> {
    if (!this.#journal) throw new Error('used before open() was done')
    return this.#journal
  }
}

type Tail<Arguments extends unknown[]> = Arguments extends [unknown, ...infer Rest] ? Rest : never
