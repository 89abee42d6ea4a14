/** A line of the table `npm run bench` prints. */
export interface Row {
  what: string
  /** Ours, in `unit`. */
  measured: number
  /** The other, in the same unit, from the same run. */
  baseline: number
  unit: string
  /** What the ratio measured / baseline is held against. */
  budget: { atLeast: number } | { atMost: number }
}

/** A way to get one sample. */
export type Sample = () => Promise<number>

/** Takes samples by turns (a, b, a, b, ...), so that a slow moment of the machine meets both; gives the medians. */
export async function interleaved(rounds: number, ours: Sample, theirs: Sample): Promise<[number, number]> {
  const samples: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    samples[0].push(await ours())
    samples[1].push(await theirs())
  }
  return [median(samples[0]), median(samples[1])]
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]]
  return (low + high) / 2
}
