import { type FSWatcher, watch } from 'node:fs'

/**
 * Linux keeps what happens in watched folders in one queue for the whole process, of 16,384 events if nobody changed that,
 * and throws away what comes while it is full: of any folder, and Node does not tell. So many events that it may have been
 * full are taken for a sign that it was.
 */
const MANY_EVENTS = 8_192
/** A full queue is read to its end at once; this is time enough for it. */
const WINDOW_MS = 1_000

const watching = new Set<() => void>()
let events = 0

/**
 * Watches one folder, not what is below it, without keeping the process alive. `onLost`: anything may have happened here
 * besides what was told. Throws when it cannot be watched; who calls takes care of `error`.
 */
export function watchFolder(
  place: string,
  onEvent: (kind: 'rename' | 'change', name: string | undefined) => void,
  onLost: () => void,
): FSWatcher {
  const watcher = watch(place, { persistent: false }, (kind, name) => {
    count()
    onEvent(kind === 'rename' ? 'rename' : 'change', name ?? undefined)
  })
  // An own function for each: the same one may be given for several folders.
  const lost = () => onLost()
  watching.add(lost)
  watcher.once('close', () => watching.delete(lost))
  return watcher
}

function count(): void {
  if (events++ === 0) setTimeout(settle, WINDOW_MS).unref()
}

function settle(): void {
  const many = events >= MANY_EVENTS
  events = 0
  if (many) for (const lost of [...watching]) lost()
}
