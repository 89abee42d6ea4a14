/** What git ignores of the folders shown. It is only a colour: a folder whose answer is not there yet has none. */
export class IgnoredNames {
  readonly #ask: (path: string) => Promise<string[]>
  readonly #onChange: () => void
  readonly #names = new Map<string, ReadonlySet<string>>()
  /** Folders being asked about; true when there is a reason to ask once more. */
  readonly #asking = new Map<string, boolean>()

  constructor(ask: (path: string) => Promise<string[]>, onChange: () => void) {
    this.#ask = ask
    this.#onChange = onChange
  }

  has(directory: string, name: string): boolean {
    return this.#names.get(directory)?.has(name) === true
  }

  ask(directory: string): void {
    if (this.#asking.has(directory)) this.#asking.set(directory, true)
    else void this.#fetch(directory)
  }

  /** The rules have changed for these folders. */
  again(concerns: (directory: string) => boolean): void {
    for (const directory of [...this.#names.keys()]) if (concerns(directory)) this.ask(directory)
  }

  forget(directory: string): void {
    this.#names.delete(directory)
  }

  async #fetch(directory: string): Promise<void> {
    this.#asking.set(directory, false)
    try {
      const names = await this.#ask(directory)
      const before = this.#names.get(directory)
      this.#names.set(directory, new Set(names))
      if (names.length !== (before?.size ?? 0) || names.some((name) => !before?.has(name))) this.#onChange()
    } catch {
      // The folder is gone, or there is no connection.
    }
    const again = this.#asking.get(directory)
    this.#asking.delete(directory)
    if (again) void this.#fetch(directory)
  }
}
