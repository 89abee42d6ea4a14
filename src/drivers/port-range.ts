import { randomInt } from 'node:crypto'
import { OmegaError } from '../core/errors.ts'

/** How long a freed port rests: a browser may still have the old sandbox's page open. */
const REST_MS = 10 * 60_000

/**
 * Host ports for sandboxes, chosen at random so that neighbours and the next sandbox of a port cannot be guessed.
 * It knows only what it gave out itself; the engine has the last word on what is really free.
 */
export class PortRange {
  readonly #first: number
  readonly #size: number
  readonly #taken = new Set<number>()
  readonly #rests = new Map<number, number>()

  /** Both ends belong to the range. */
  constructor([first, last]: readonly [number, number]) {
    this.#first = first
    this.#size = Math.max(0, last - first + 1)
  }

  /** The one wished for if nobody has it, else a free port; if all free ones rest, the one that has rested longest. NO_CAPACITY when all are taken. */
  take(wish?: number): number {
    const isFree = wish !== undefined && this.#has(wish) && !this.#taken.has(wish)
    const port = isFree ? wish : (this.#pick(performance.now()) ?? this.#longestRested())
    if (port === undefined) {
      throw new OmegaError(
        'NO_CAPACITY',
        `All ${this.#size} ports from ${this.#first} on are in use. Give the manager a larger --sandbox-ports.`,
      )
    }
    this.#taken.add(port)
    return port
  }

  /** Somebody has this port: it is not given out until it is released. */
  hold(port: number): void {
    this.#taken.add(port)
  }

  release(port: number): void {
    if (this.#taken.delete(port)) this.#rests.set(port, performance.now() + REST_MS)
  }

  #has(port: number): boolean {
    return port >= this.#first && port < this.#first + this.#size
  }

  #pick(now: number): number | undefined {
    if (this.#size === 0) return undefined
    const start = randomInt(this.#size)
    for (let step = 0; step < this.#size; step++) {
      const port = this.#first + ((start + step) % this.#size)
      if (!this.#taken.has(port) && (this.#rests.get(port) ?? 0) <= now) return port
    }
    return undefined
  }

  #longestRested(): number | undefined {
    let [port, end]: [number | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
    for (const [resting, until] of this.#rests) {
      if (!this.#taken.has(resting) && until < end) [port, end] = [resting, until]
    }
    return port
  }
}
