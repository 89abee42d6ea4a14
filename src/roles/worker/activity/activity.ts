import type { Clock } from '../../../core/clock.ts'
import type { ActivityKind } from '../../../core/wire/activity.ts'

export interface ActivityOptions {
  clock: Pick<Clock, 'now'>
  /** Milliseconds since 1970. */
  date: () => number
  /** Called with each activity, terminals' output included: often. */
  onActivity: (kind: ActivityKind) => void
}

/**
 * When something last happened in the sandbox that a person did or a program worked at. It is told by whoever notices and
 * has no timer of its own, so an idle sandbox stays idle.
 */
export class Activity {
  readonly #options: ActivityOptions
  #kind: ActivityKind = 'start'
  /** Of the clock. */
  #at: number
  #date: number
  #keptDate: number | undefined
  readonly #underWay: ActivityKind[] = []

  constructor(options: ActivityOptions) {
    this.#options = options
    this.#at = options.clock.now()
    this.#date = options.date()
  }

  /** It has just happened. */
  note(kind: ActivityKind): void {
    const { clock, date, onActivity } = this.#options
    this.#kind = kind
    this.#at = clock.now()
    this.#date = date()
    if (kind === 'keep') this.#keptDate = this.#date
    onActivity(kind)
  }

  /** It happens from now on, until the returned function is called. */
  begin(kind: ActivityKind): () => void {
    this.note(kind)
    this.#underWay.push(kind)
    let ended = false
    return () => {
      if (ended) return
      ended = true
      this.#underWay.splice(this.#underWay.indexOf(kind), 1)
      this.note(kind)
    }
  }

  /** Milliseconds, whole; 0 while something is under way. */
  get idleMs(): number {
    if (this.#underWay.length > 0) return 0
    return Math.max(0, Math.floor(this.#options.clock.now() - this.#at))
  }

  /** The last one; what is under way happens now. `at` in ms since 1970. */
  get last(): { kind: ActivityKind; at: number } {
    const kind = this.#underWay.at(-1)
    return kind === undefined ? { kind: this.#kind, at: this.#date } : { kind, at: this.#options.date() }
  }

  /** When a person last asked to keep the sandbox, ms since 1970. */
  get keptAt(): number | undefined {
    return this.#keptDate
  }
}
