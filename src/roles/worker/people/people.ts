import { createHash } from 'node:crypto'
import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { cleanName, PERSON_COLOURS } from '../../../core/person.ts'
import type { PersonHere } from '../../../core/wire/operations/people.ts'
import type { Params } from '../../../core/wire/operations.ts'
import type { Page } from '../wire/page.ts'

/** Changes that come together are told together. */
const GATHER_MS = 60

export interface PeopleOptions {
  clock: Clock
  tell: (people: PersonHere[]) => void
}

/** Everybody who has the sandbox open: who they are, and what they look at. */
export class People {
  readonly #options: PeopleOptions
  /** By the page's own id, which is a secret; theirs is told to everybody. */
  readonly #here = new Map<string, PersonHere>()
  #cancelTelling: (() => void) | undefined

  constructor(options: PeopleOptions) {
    this.#options = options
  }

  list(): PersonHere[] {
    return [...this.#here.values()]
  }

  /** Who a page is to the others; undefined before it has joined. */
  idOf(page: Page): string | undefined {
    return this.#here.get(page.id)?.id
  }

  /** A page says who its person is. Throws CONFLICT when another page sits there already. */
  join(page: Page, { seat, name, colour }: Params<'people.join'>): string {
    const id = createHash('sha256').update(`omega/1/seat/${seat}`).digest('base64url').slice(0, 16)
    const holder = [...this.#here].find(([, person]) => person.id === id)
    if (holder && holder[0] !== page.id) {
      if (!holder[1].away)
        throw new OmegaError('CONFLICT', 'Another page of this browser sits here. Take another seat.')
      // The same page, reloaded, or with a new session.
      this.#here.delete(holder[0])
    }
    const { share, access } = page.guest
    const before = this.#here.get(page.id) ?? holder?.[1]
    page.belonging(Seat).taken(this)
    this.#here.set(page.id, {
      idle: false,
      ...before,
      id,
      name: cleanName(name) || 'Somebody',
      colour: colour ?? before?.colour ?? this.#freeColour(id),
      access: share === undefined ? 'owner' : access,
      away: false,
    })
    this.#changed()
    return id
  }

  /**
   * What they look at. Does nothing for a page that has not joined. True when somebody in front of the page did something:
   * not when a page says again what it has said, or that nobody looks.
   */
  at(page: Page, { path, terminal, idle }: Params<'people.at'>): boolean {
    const person = this.#here.get(page.id)
    if (!person) return false
    const { path: _path, terminal: _terminal, ...rest } = person
    const next: PersonHere = {
      ...rest,
      idle,
      ...(path === undefined ? {} : { path }),
      ...(terminal === undefined ? {} : { terminal }),
    }
    this.#set(page, next)
    return !idle && (person.idle || person.path !== path || person.terminal !== terminal)
  }

  connected(page: Page, is: boolean): void {
    const person = this.#here.get(page.id)
    if (person) this.#set(page, { ...person, away: !is })
  }

  left(page: Page): void {
    if (this.#here.delete(page.id)) this.#changed()
  }

  close(): void {
    this.#cancelTelling?.()
  }

  #set(page: Page, next: PersonHere): void {
    if (JSON.stringify(next) === JSON.stringify(this.#here.get(page.id))) return
    this.#here.set(page.id, next)
    this.#changed()
  }

  /** The first one from theirs on that nobody else has. */
  #freeColour(id: string): number {
    const first = id.charCodeAt(0) % PERSON_COLOURS
    const used = new Set(this.list().flatMap((person) => (person.id === id ? [] : [person.colour])))
    for (let step = 0; step < PERSON_COLOURS; step++) {
      const colour = (first + step) % PERSON_COLOURS
      if (!used.has(colour)) return colour
    }
    return first
  }

  #changed(): void {
    this.#cancelTelling ??= this.#options.clock.after(GATHER_MS, () => {
      this.#cancelTelling = undefined
      this.#options.tell(this.list())
    })
  }
}

/** A page's place among the people; free again when its session ends. */
class Seat {
  readonly #page: Page
  #people: People | undefined

  constructor(page: Page) {
    this.#page = page
  }

  taken(people: People): void {
    this.#people = people
  }

  connected(is: boolean): void {
    this.#people?.connected(this.#page, is)
  }

  close(): void {
    this.#people?.left(this.#page)
  }
}
