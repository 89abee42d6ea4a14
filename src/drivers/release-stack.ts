/** What was opened, to be closed in reverse order, once. */
export class ReleaseStack {
  readonly #closers: (() => unknown)[] = []
  #closing: Promise<void> | undefined

  /** Remembers how to close what has just been opened, and gives it back. */
  add<T>(opened: T, close: (opened: T) => unknown): T {
    this.#closers.push(() => close(opened))
    return opened
  }

  /** Closes all, last opened first, and throws the first error once all are closed. Later calls wait for the same. */
  close(): Promise<void> {
    this.#closing ??= this.#run()
    return this.#closing
  }

  async #run(): Promise<void> {
    let failure: { error: unknown } | undefined
    for (const close of this.#closers.reverse()) {
      try {
        await close()
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure) throw failure.error
  }
}
