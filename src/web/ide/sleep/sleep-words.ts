import type { SleepWarning } from '../../../core/wire/activity.ts'

const what: Record<SleepWarning['then'], { becomes: string; means: string; action: string }> = {
  asleep: {
    becomes: 'goes to sleep',
    means: 'Nothing is lost: it goes on where it was as soon as you press a key.',
    action: 'Keep it awake',
  },
  stopped: {
    becomes: 'is stopped',
    means: 'Its files stay; what runs in its terminals ends.',
    action: 'Keep it running',
  },
  deleted: {
    becomes: 'is deleted',
    means: 'Its files go with it. Keep it, or take what you need.',
    action: 'Keep it',
  },
}

/** What a warning says. The time of day stays true while the notice is read. */
export function sleepWords({ inMs, then }: SleepWarning, now: Date): { text: string; detail: string; action: string } {
  const { becomes, means, action } = what[then]
  const at = new Date(now.getTime() + inMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return { text: `This sandbox ${becomes} in ${spanOf(inMs)}, at ${at}.`, detail: means, action }
}

function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return 'less than a minute'
  if (minutes < 90) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
