import type { Hunk } from './hunks.ts'

/** The line of the new text that stands beside a line of the old one; from 0. */
export function mapLine(hunks: readonly Hunk[], line: number): number {
  let shift = 0
  for (const { fromA, toA, fromB, toB } of hunks) {
    if (line < fromA) break
    if (line < toA) {
      // Within a difference: as far into it as it goes.
      return Math.min(fromB + (line - fromA), Math.max(fromB, toB - 1))
    }
    shift = toB - toA
  }
  return line + shift
}
