import type { IdempotencyAnswer } from './fleet-store.ts'

/** A claim that is never finished lapses after this time. */
export const CLAIM_LAPSES_AFTER_MS = 600_000
/** An answer is kept for this time. */
export const ANSWER_KEPT_MS = 86_400_000

export interface KeptOnce {
  key: string
  fingerprint: string
  /** Missing while the work is under way. */
  answer?: string
  lapsesAt: number
}

/** Idempotency keys: who works on a request, and what was answered. */
export class OnceKeys {
  readonly #keys = new Map<string, KeptOnce>()

  begin(now: number, key: string, fingerprint: string): IdempotencyAnswer {
    const known = this.#alive(key, now)
    if (!known) {
      this.#keys.set(key, { key, fingerprint, lapsesAt: now + CLAIM_LAPSES_AFTER_MS })
      return { outcome: 'begun' }
    }
    if (known.fingerprint !== fingerprint) return { outcome: 'mismatch' }
    return known.answer === undefined ? { outcome: 'underWay' } : { outcome: 'done', answer: known.answer }
  }

  /** Keeps the first answer. False if there was one, or nothing was begun. */
  finish(now: number, key: string, answer: string): boolean {
    const known = this.#alive(key, now)
    if (!known || known.answer !== undefined) return false
    Object.assign(known, { answer, lapsesAt: now + ANSWER_KEPT_MS })
    return true
  }

  /** Gives a claim up; an answer stays. */
  abandon(now: number, key: string): boolean {
    const known = this.#alive(key, now)
    return known !== undefined && known.answer === undefined && this.#keys.delete(key)
  }

  kept(now: number): KeptOnce[] {
    for (const key of [...this.#keys.keys()]) this.#alive(key, now)
    return [...this.#keys.values()].map((once) => ({ ...once }))
  }

  restore(once: KeptOnce[]): void {
    for (const item of once) this.#keys.set(item.key, { ...item })
  }

  #alive(key: string, now: number): KeptOnce | undefined {
    const known = this.#keys.get(key)
    if (!known || now < known.lapsesAt) return known
    this.#keys.delete(key)
    return undefined
  }
}
