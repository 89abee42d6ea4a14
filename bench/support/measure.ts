/** A line of the table `npm run bench` prints. */
export interface Row {
  what: string
  /** Ours, in `unit`. */
  measured: number
  /** The other, in the same unit, from the same run; absent where there is nothing to compare with. */
  baseline?: number
  unit: string
  /** Absent for a line that only informs. */
  budget?: Budget
}

/** What is held against a limit: measured / baseline (if nothing is said), measured - baseline, or measured alone. */
export type Budget = ({ atLeast: number } | { atMost: number }) & { of?: 'ratio' | 'difference' | 'amount' }

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

/** The value that `share` (0 to 1) of the samples do not exceed. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Milliseconds of the monotonic clock that a piece of work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** How often a benchmark goes round: as often as it wants, or as OMEGA_BENCH_ROUNDS says, for a first look. */
export function rounds(wanted: number): number {
  return Number(process.env.OMEGA_BENCH_ROUNDS) || wanted
}
