/** A length of time as people say it: `12 ms`, `1.2 s`, `5 min`, `3 h`, `12 days`. */
export function durationText(ms: number): string {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Number((ms / 3_600_000).toFixed(1))} h`
  const days = Math.round(ms / 86_400_000)
  return days === 1 ? '1 day' : `${days} days`
}
