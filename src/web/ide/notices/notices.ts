import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { Store } from '../../shared/store.ts'

export type NoticeKind = 'info' | 'warning' | 'error' | 'progress'

/** Something a person can do about a notice; doing it puts the notice away. */
export interface NoticeAction {
  title: string
  run: () => void
}

/** Something that happened, or is being done, told to the person in front of the page. */
export interface Notice {
  readonly id: number
  readonly kind: NoticeKind
  /** A sentence, or what is being done: `Uploading 3 files`. */
  readonly text: string
  /** What to know or to do beyond that. */
  readonly detail?: string
  readonly actions: readonly NoticeAction[]
  /** How often it happened in a row. */
  readonly times: number
  /** Of the clock, milliseconds. */
  readonly at: number
  /** In sight; otherwise only in the list. */
  readonly shown: boolean
  /** Of a progress: how much is done, from 0 to 1; absent while that is not known. */
  readonly done?: number
  /** Of a progress that may be given up. */
  readonly cancel?: () => void
}

export interface SayOptions {
  kind?: 'info' | 'warning' | 'error'
  detail?: string
  actions?: readonly NoticeAction[]
  /** Stays in sight until it is put away. Errors do, others go by themselves. */
  stays?: boolean
}

/** What long work is handed. */
export interface Task {
  /** From 0 to 1, or undefined while that is not known, and a few words on what is being done right now. */
  report: (done: number | undefined, detail?: string) => void
  /** Aborted when the person cancels. */
  signal: AbortSignal
}

export interface ProgressOptions {
  /** Offers to cancel; the work must then heed its signal. */
  cancellable?: boolean
}

/** As many are kept to be read later. */
const KEPT = 100
/** In sight at once; an older one makes room. */
const MOST_SHOWN = 4
const INFO_MS = 6_000
/** With something to do about it. */
const ACTION_MS = 12_000
/** Work that is done before is not worth a word. */
const PROGRESS_AFTER_MS = 400

/**
 * What the page tells: a short list in sight, and all of it to be read later. Failures say what happened and what to do;
 * the same one again is counted rather than repeated.
 */
export class Notices {
  /** The newest last. */
  readonly list = new Store<readonly Notice[]>([])
  /** How many errors and warnings came since the list was looked at. */
  readonly unseen = new Store(0)
  readonly #clock: Clock
  readonly #timers = new Map<number, () => void>()
  #nextId = 1
  /** Somebody points at them or has the focus there: nothing goes meanwhile. */
  #held = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Tells something; the returned function puts it away. */
  say(text: string, { kind = 'info', detail, actions = [], stays = kind === 'error' }: SayOptions = {}): () => void {
    const known = this.list.get().find((notice) => notice.shown && notice.text === text && notice.kind === kind)
    if (kind !== 'info') this.unseen.update((count) => count + 1)
    const notice: Notice = {
      id: known?.id ?? this.#nextId++,
      kind,
      text,
      ...(detail === undefined ? {} : { detail }),
      actions,
      times: (known?.times ?? 0) + 1,
      at: this.#clock.now(),
      shown: true,
    }
    this.#put(notice)
    if (!stays) this.#hideLater(notice)
    return () => this.dismiss(notice.id)
  }

  /** Tells a failure: an OmegaError's own sentence, or that of any other. `what` says what did not succeed. */
  failed(error: unknown, what?: string): void {
    const sentence = error instanceof Error ? error.message : String(error)
    // Nothing is wrong with what was asked for: it only takes longer.
    const kind = error instanceof OmegaError && error.code === 'UNREACHABLE' ? 'warning' : 'error'
    this.say(what ?? sentence, { kind, ...(what === undefined ? {} : { detail: sentence }) })
  }

  /** Runs what may fail; its sentence is shown. */
  attempt(action: Promise<unknown>, what?: string): void {
    action.catch((error: unknown) => this.failed(error, what))
  }

  /**
   * Runs long work under a title, which says what is being done. Resolves to its result, or to undefined when it failed,
   * which is shown, or was cancelled.
   */
  async progress<T>(
    title: string,
    work: (task: Task) => Promise<T>,
    { cancellable = false }: ProgressOptions = {},
  ): Promise<T | undefined> {
    const id = this.#nextId++
    const abort = new AbortController()
    this.#put({
      id,
      kind: 'progress',
      text: title,
      actions: [],
      times: 1,
      at: this.#clock.now(),
      shown: false,
      ...(cancellable ? { cancel: () => abort.abort() } : {}),
    })
    this.#timers.set(
      id,
      this.#clock.after(PROGRESS_AFTER_MS, () => this.#change(id, (notice) => ({ ...notice, shown: true }))),
    )
    const report = (done: number | undefined, detail?: string) => {
      this.#change(id, ({ done: _done, detail: _detail, ...notice }) => ({
        ...notice,
        ...(done === undefined ? {} : { done: Math.min(1, Math.max(0, done)) }),
        ...(detail === undefined ? {} : { detail }),
      }))
    }
    try {
      return await work({ report, signal: abort.signal })
    } catch (error) {
      if (!abort.signal.aborted) this.failed(error, `${title}: this did not succeed.`)
      return undefined
    } finally {
      this.#remove(id)
    }
  }

  /** Puts one away; it stays in the list. */
  dismiss(id: number): void {
    this.#stopTimer(id)
    this.#change(id, (notice) => ({ ...notice, shown: false }))
  }

  dismissAll(): void {
    for (const { id, shown } of this.list.get()) if (shown) this.dismiss(id)
  }

  /** Empties the list, but for what is under way. */
  clear(): void {
    for (const { id, kind } of this.list.get()) if (kind !== 'progress') this.#remove(id)
    this.unseen.set(0)
  }

  /** The person reads the list. */
  seen(): void {
    this.unseen.set(0)
  }

  /** Nothing goes by itself while somebody reads or is about to press a button. */
  hold(held: boolean): void {
    if (held === this.#held) return
    this.#held = held
    for (const notice of this.list.get()) {
      if (!this.#timers.has(notice.id) || notice.kind === 'progress') continue
      this.#stopTimer(notice.id)
      this.#hideLater(notice)
    }
  }

  #put(notice: Notice): void {
    this.list.update((list) => {
      const next = [...list.filter(({ id }) => id !== notice.id), notice].slice(-KEPT)
      const shown = next.filter((one) => one.shown && one.kind !== 'progress')
      const crowded = shown.slice(0, Math.max(0, shown.length - MOST_SHOWN))
      return next.map((one) => (crowded.includes(one) ? { ...one, shown: false } : one))
    })
  }

  #change(id: number, change: (notice: Notice) => Notice): void {
    this.list.update((list) => list.map((notice) => (notice.id === id ? change(notice) : notice)))
  }

  #remove(id: number): void {
    this.#stopTimer(id)
    this.list.update((list) => list.filter((notice) => notice.id !== id))
  }

  #hideLater({ id, actions }: Notice): void {
    this.#stopTimer(id)
    const wait = actions.length > 0 ? ACTION_MS : INFO_MS
    // While it is held the timer only marks that it would go.
    this.#timers.set(id, this.#held ? () => {} : this.#clock.after(wait, () => this.dismiss(id)))
  }

  #stopTimer(id: number): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }
}
