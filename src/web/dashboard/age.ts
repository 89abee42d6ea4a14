/** How long ago, in the largest unit that says enough: `just now`, `5 min`, `3 h`, `12 days`. */
export function ageOf(createdAt: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(createdAt)) / 1000)
  if (!(seconds >= 60)) return 'just now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  const days = Math.floor(seconds / 86_400)
  return days === 1 ? '1 day' : `${days} days`
}

/** `just now`, `5 min ago`. */
export function agoText(at: string, now: number): string {
  const age = ageOf(at, now)
  return age === 'just now' ? age : `${age} ago`
}
