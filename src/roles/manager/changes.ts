/** What is under way for each sandbox: changes of one come one after the other. */
export class Changes {
  /** The last one of each. */
  readonly #last = new Map<string, Promise<unknown>>()

  has(sandboxId: string): boolean {
    return this.#last.has(sandboxId)
  }

  last(sandboxId: string): Promise<unknown> | undefined {
    return this.#last.get(sandboxId)
  }

  all(): Promise<unknown>[] {
    return [...this.#last.values()]
  }

  /** Runs the work after those before it, and after `also`; whether they failed is not its business. */
  run<T>(sandboxId: string, also: Promise<unknown> | undefined, work: () => Promise<T>): Promise<T> {
    const result = Promise.allSettled([this.#last.get(sandboxId), also]).then(work)
    this.#last.set(sandboxId, result)
    const done = () => {
      if (this.#last.get(sandboxId) === result) this.#last.delete(sandboxId)
    }
    result.then(done, done)
    return result
  }
}
