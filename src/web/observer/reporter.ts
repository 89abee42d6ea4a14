import type { FromFrame, Observed, ObserverSettings } from '../../core/wire/observed.ts'

/** Of one turn of the event loop; a page that prints in a loop must not drown the IDE. */
const MOST_AT_ONCE = 300

/** The page's own scripts may replace these later. */
const later = window.setTimeout.bind(window)
const ide = window.top as Window

/** Tells the IDE's page what happens here. */
export class Reporter {
  readonly #settings: ObserverSettings
  #waiting: Observed[] = []
  #dropped = 0
  #scheduled = false

  constructor(settings: ObserverSettings) {
    this.#settings = settings
    window.addEventListener('pagehide', () => this.#send())
  }

  /** A flood of what was printed is cut; everything else is always told. */
  tell(observed: Observed): void {
    if (observed.type === 'printed' && this.#waiting.length >= MOST_AT_ONCE) this.#dropped++
    else this.#waiting.push(observed)
    if (this.#scheduled) return
    this.#scheduled = true
    later(() => this.#send(), 0)
  }

  #send(): void {
    this.#scheduled = false
    const observed = this.#waiting
    this.#waiting = []
    if (this.#dropped > 0) observed.push({ type: 'dropped', count: this.#dropped })
    this.#dropped = 0
    if (observed.length === 0) return
    const message: FromFrame = { omega: this.#settings.key, observed }
    ide.postMessage(message, this.#settings.ide)
  }
}
