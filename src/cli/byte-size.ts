const units: Record<string, number> = { m: 2 ** 20, g: 2 ** 30 }
const LEAST = 64 * 2 ** 20

/** Bytes of `500m` or `5g`, 0 of `0`; undefined for anything else, and for less than 64 MiB, which holds no project. */
export function bytesOf(text: string): number | undefined {
  if (text === '0') return 0
  const [, count, unit = ''] = /^([1-9]\d{0,3})([mg])$/i.exec(text) ?? []
  const bytes = Number(count) * (units[unit.toLowerCase()] ?? Number.NaN)
  return bytes >= LEAST ? bytes : undefined
}
