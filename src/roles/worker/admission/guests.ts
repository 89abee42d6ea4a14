/** What people have open by grace of a link: requests under way, sockets to an app. They end with the link. */
export class Guests {
  readonly #open = new Map<string, Set<() => void>>()

  /** `end` is called when the link ends; the returned function says that there is nothing to end any more. */
  hold(share: string, end: () => void): () => void {
    const ends = this.#open.get(share) ?? new Set()
    this.#open.set(share, ends)
    ends.add(end)
    return () => {
      ends.delete(end)
      if (ends.size === 0 && this.#open.get(share) === ends) this.#open.delete(share)
    }
  }

  end(share: string): void {
    const ends = this.#open.get(share)
    this.#open.delete(share)
    for (const end of ends ?? []) end()
  }
}
