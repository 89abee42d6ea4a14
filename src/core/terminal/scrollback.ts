/** Lines a terminal keeps above its screen. */
const LINES = 5_000
/** Cells it keeps at most: a very wide one keeps fewer lines. */
const CELLS = 1_000_000

/** How many lines above its screen a terminal of that width keeps, in the worker as in every page. */
export function scrollbackOf(cols: number): number {
  return Math.min(LINES, Math.floor(CELLS / cols))
}
