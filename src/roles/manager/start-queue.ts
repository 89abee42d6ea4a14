/**
 * Lets a few starts run at a time, in the order they came. More at once do not start sooner: the engine works on them
 * one after the other anyway, and each would only wait longer.
 */
export class StartQueue {
  readonly #width: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(width: number) {
    this.#width = width
  }

  /** Whether nothing runs and nobody waits. */
  get idle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0
  }

  /** Runs the work when it is its turn; rejects with the signal's reason if that comes first. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (this.#running < this.#width) this.#running++
    else await this.#turn(signal)
    try {
      return await work()
    } finally {
      // The turn is handed on, not given back, so that nobody overtakes.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(signal.reason)
      }
      const turn = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(turn)
    })
  }
}
