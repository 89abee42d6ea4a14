const steps: readonly [number, string][] = [
  [60, 'minute'],
  [60, 'hour'],
  [24, 'day'],
  [30.4, 'month'],
  [12, 'year'],
]

/** How long ago, in words; milliseconds. */
export function ago(ms: number): string {
  let amount = ms / 1000
  let unit = ''
  for (const [size, name] of steps) {
    if (amount < size) break
    amount /= size
    unit = name
  }
  const whole = Math.floor(amount)
  return unit === '' ? 'just now' : `${whole} ${unit}${whole === 1 ? '' : 's'} ago`
}
