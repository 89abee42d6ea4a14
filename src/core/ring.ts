const NEWLINE = 0x0a
const ESCAPE = 0x1b

/** The last `capacity` bytes of a stream, in memory that never grows. */
export class Ring {
  readonly #bytes: Uint8Array
  #end = 0
  #total = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** How many bytes were ever pushed. */
  get total(): number {
    return this.#total
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length
    const capacity = this.#bytes.length
    const kept = chunk.length > capacity ? chunk.subarray(chunk.length - capacity) : chunk
    const first = Math.min(kept.length, capacity - this.#end)
    this.#bytes.set(kept.subarray(0, first), this.#end)
    this.#bytes.set(kept.subarray(first), 0)
    this.#end = (this.#end + kept.length) % capacity
  }

  /**
   * A copy of what is kept, oldest first. Once bytes were lost it begins where a terminal may begin to read: behind a
   * newline or at an escape sequence, and never inside a UTF-8 character.
   */
  contents(): Uint8Array {
    const capacity = this.#bytes.length
    if (this.#total <= capacity) return this.#bytes.slice(0, this.#total)
    const all = new Uint8Array(capacity)
    all.set(this.#bytes.subarray(this.#end), 0)
    all.set(this.#bytes.subarray(0, this.#end), capacity - this.#end)
    return all.subarray(safeStart(all))
  }
}

function safeStart(bytes: Uint8Array): number {
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === ESCAPE) return index
    if (bytes[index] === NEWLINE) return index + 1
  }
  let start = 0
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return start
}
