import type { Offering } from '../../core/host-provider.ts'

/** `m7i.large in eu-central-1a, spot`. */
export function offeringText({ type, place, market }: Offering): string {
  return `${type}${place ? ` in ${place}` : ''}, ${market}`
}

/** Which of the operator's offerings may be asked for now: one that was refused is left alone for a while. */
export class Offerings {
  readonly #all: readonly Offering[]
  readonly #restsUntil = new Map<string, number>()

  constructor(all: readonly Offering[]) {
    this.#all = all
  }

  /** The first that may be asked for. */
  pick(now: number): Offering | undefined {
    return this.#all.find((offering) => (this.#restsUntil.get(offeringText(offering)) ?? 0) <= now)
  }

  rest(offering: Offering, until: number): void {
    this.#restsUntil.set(offeringText(offering), until)
  }
}
