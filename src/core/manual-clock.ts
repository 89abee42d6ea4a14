import type { Clock } from './clock.ts'

/** The twin of the real clocks: time that passes only when it is told to. */
export class ManualClock implements Clock {
  #now = 0
  #timers: { at: number; action: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + ms, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets what was begun settle and then `ms` pass, timers in their order. */
  async pass(ms: number): Promise<void> {
    await settle()
    const end = this.#now + ms
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#now = next.at
      this.#timers = this.#timers.filter((other) => other !== next)
      next.action()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

/** Lets promises that wait for nothing else go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve()
}
