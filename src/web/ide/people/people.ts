import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import type { PersonHere } from '../../../core/wire/operations/people.ts'
import { Store } from '../../shared/store.ts'
import type { Person } from '../documents/document.ts'
import type { Connection } from '../wire/connection.ts'
import type { OwnSelf } from './self.ts'

/** What one looks at. */
export interface Place {
  path?: string
  terminal?: string
}

export interface PeopleOptions {
  connection: Pick<Connection, 'request' | 'on' | 'onSession'>
  self: OwnSelf
  clock: Clock
  /** Of the browser's tab: survives a reload, not the tab. */
  storage: Pick<Storage, 'getItem' | 'setItem'> | undefined
  newSeat: () => string
}

const SEAT_KEY = 'omega.seat'
const GATHER_MS = 80
/** Who does nothing for that long is idle. */
const IDLE_MS = 2 * 60_000
/** How often the worker is told that somebody reads, scrolls or points: it hears of nothing else they do. */
const STIRS_EVERY_MS = 60_000

/** Everybody who is here, as the worker tells it; and it is told who we are and what we look at. */
export class People {
  /** Everybody, oneself too, in the order in which they came. */
  readonly here = new Store<readonly PersonHere[]>([])
  /** Our own id, '' before it is known. */
  readonly me = new Store<Person>({ id: '' })
  /** Grows when the list of people is asked for. */
  readonly listing = new Store(0)
  readonly #options: PeopleOptions
  #seat: string
  #place: Place = {}
  #hidden = false
  #idle = false
  #told = ''
  #stirredAt: number | undefined
  #cancelTelling: (() => void) | undefined
  #cancelIdle: (() => void) | undefined

  constructor(options: PeopleOptions) {
    this.#options = options
    const { connection, self } = options
    this.#seat = this.#keptSeat() ?? this.#newSeat()
    connection.on('people.changed', ({ people }) => this.here.set(people))
    connection.onSession(() => void this.#join())
    self.value.subscribe(() => void this.#join())
    this.#stir()
  }

  /** The others. */
  others(): readonly PersonHere[] {
    return this.here.get().filter(({ id }) => id !== this.me.get().id)
  }

  of(id: string): PersonHere | undefined {
    return this.here.get().find((person) => person.id === id)
  }

  looksAt(place: Place): void {
    this.#place = place
    this.#later()
  }

  /** The person does something, so is not idle. */
  stirs(): void {
    this.#stir()
    this.#tellStir()
    if (!this.#idle) return
    this.#idle = false
    this.#later()
  }

  /** The browser shows another tab, or this one again. */
  hides(hidden: boolean): void {
    this.#hidden = hidden
    this.#later()
  }

  #tellStir(): void {
    const { clock, connection } = this.#options
    if (this.me.get().id === '') return
    if (this.#stirredAt !== undefined && clock.now() - this.#stirredAt < STIRS_EVERY_MS) return
    this.#stirredAt = clock.now()
    connection.request('people.stirs', {}).catch(() => undefined)
  }

  #stir(): void {
    this.#cancelIdle?.()
    this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => {
      this.#idle = true
      this.#later()
    })
  }

  async #join(attempt = 1): Promise<void> {
    const { connection, self } = this.#options
    const { name, colour } = self.value.get()
    const params = { seat: this.#seat, name, ...(colour === undefined ? {} : { colour }) }
    try {
      this.me.set(await connection.request('people.join', params))
      this.#told = ''
      this.#tell()
    } catch (error) {
      // A tab that was duplicated has the other one's seat.
      const isTaken = error instanceof OmegaError && error.code === 'CONFLICT'
      if (!isTaken || attempt > 3) return
      this.#seat = this.#newSeat()
      await this.#join(attempt + 1)
    }
  }

  #later(): void {
    this.#cancelTelling ??= this.#options.clock.after(GATHER_MS, () => this.#tell())
  }

  #tell(): void {
    this.#cancelTelling?.()
    this.#cancelTelling = undefined
    const at = { ...this.#place, idle: this.#idle || this.#hidden }
    const text = JSON.stringify(at)
    if (text === this.#told || this.me.get().id === '') return
    this.#told = text
    // Without a connection: told with the next session, or when it comes back.
    this.#options.connection.request('people.at', at).catch(() => {
      this.#told = ''
    })
  }

  #newSeat(): string {
    const seat = this.#options.newSeat()
    try {
      this.#options.storage?.setItem(SEAT_KEY, seat)
    } catch {
      // Forbidden: a reload makes somebody else of us.
    }
    return seat
  }

  #keptSeat(): string | undefined {
    try {
      return this.#options.storage?.getItem(SEAT_KEY) ?? undefined
    } catch {
      return undefined
    }
  }
}
