import { OmegaError } from '../core/errors.ts'

const seconds: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds of `90s`, `30m`, `1h`, `7d`. Throws INVALID_REQUEST, naming the flag. */
export function parseDuration(flag: string, text: string): number {
  const [, count, unit] = /^([1-9]\d{0,7})([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return Number(count) * (seconds[unit] ?? 0)
  throw new OmegaError(
    'INVALID_REQUEST',
    `--${flag} is ${JSON.stringify(text)}. Allowed is a number and s, m, h or d, as in 30m or 7d.`,
  )
}
