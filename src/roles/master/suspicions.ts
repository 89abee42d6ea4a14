/**
 * What looked wrong and since when. One look is never enough to take something away: what was missing may have been
 * on its way, and a list is old when it arrives.
 */
export class Suspicions {
  readonly #since = new Map<string, number>()
  readonly #holdMs: number

  /** `holdMs`: how long something must look wrong before it is taken for wrong. */
  constructor(holdMs: number) {
    this.#holdMs = holdMs
  }

  /**
   * Takes the result of one look. Gives those of the suspects that were suspect `holdMs` ago and in every look since;
   * `unseen` tells of those that could not be looked at this time, which stay as they were.
   */
  look(suspects: readonly string[], now: number, unseen: (key: string) => boolean = () => false): Set<string> {
    const current = new Set(suspects)
    for (const key of this.#since.keys()) if (!current.has(key) && !unseen(key)) this.#since.delete(key)
    for (const key of current) if (!this.#since.has(key)) this.#since.set(key, now)
    return new Set(suspects.filter((key) => now - (this.#since.get(key) ?? now) >= this.#holdMs))
  }
}
