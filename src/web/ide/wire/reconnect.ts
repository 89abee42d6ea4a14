const SHORTEST_MS = 300
const LONGEST_MS = 4_000
/** Of the time one has been away. */
const SHARE = 1 / 4

/**
 * How long to wait before the next try when the connection has been gone for `awayMs`: a part of that time, half fixed and
 * half random, so that the pages of a restarted worker neither come all at once nor give up. Who is back within two seconds
 * is met half a second later. `random` is in [0, 1).
 */
export function reconnectDelay(awayMs: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, awayMs * SHARE))
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}
