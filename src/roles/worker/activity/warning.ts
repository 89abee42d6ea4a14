import type { Clock } from '../../../core/clock.ts'
import type { ActivityKind, SleepWarning } from '../../../core/wire/activity.ts'
import type { EventName, Events } from '../../../core/wire/operations.ts'

export interface WarningOptions {
  clock: Pick<Clock, 'now'>
  /** To every page. */
  tell: <E extends EventName>(event: E, data: Events[E]) => void
}

/** What the manager has said will become of the sandbox, as long as that holds. */
export class Warning {
  readonly #options: WarningOptions
  #given: (SleepWarning & { at: number }) | undefined

  constructor(options: WarningOptions) {
    this.#options = options
  }

  /** A later one takes the place of an earlier one. */
  give(warning: SleepWarning): void {
    this.#given = { ...warning, at: this.#options.clock.now() }
    this.#options.tell('sleep.warned', warning)
  }

  /** With what is left of the time; undefined when there is none. */
  get current(): SleepWarning | undefined {
    if (!this.#given) return undefined
    const { at, inMs, ...rest } = this.#given
    return { ...rest, inMs: Math.max(0, Math.round(inMs - (this.#options.clock.now() - at))) }
  }

  /** Something happened. That keeps a sandbox awake; that it is not deleted must be asked for. */
  active(kind: ActivityKind): void {
    if (this.#given && (this.#given.then !== 'deleted' || kind === 'keep')) this.end()
  }

  /** It came to pass, or will not. */
  end(): void {
    if (!this.#given) return
    this.#given = undefined
    this.#options.tell('sleep.kept', {})
  }
}
