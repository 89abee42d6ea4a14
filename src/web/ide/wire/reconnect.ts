const FIRST_MS = 300
const LONGEST_MS = 4_000

/**
 * How long to wait before the `attempt`-th try in a row (from 0): exponential, half fixed and half random, so that the
 * pages of a restarted worker neither come all at once nor give up. `random` is in [0, 1).
 */
export function reconnectDelay(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20))
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}
