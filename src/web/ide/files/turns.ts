/** Work in order for each key, and of all keys only so much at once. */
export class Turns {
  readonly #atOnce: number
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Resolves when the work is done. The work must not reject. */
  take(key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const mine = before.then(() => this.#run(work))
    this.#last.set(key, mine)
    return mine.finally(() => {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    })
  }

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.#running >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
