import type { Clock } from '../../../core/clock.ts'
import type { openPty } from '../../../drivers/pty.ts'

/** So long after a terminal was opened or got another size its program redraws because of that. */
const REDRAWS_FOR_MS = 1_000

/**
 * Opens terminals whose output is noticed, but for what a program writes only because a page has come or has another
 * size: a page that connects again must not look like work.
 */
export function noticeOutput(open: typeof openPty, clock: Pick<Clock, 'now'>, onOutput: () => void): typeof openPty {
  return (options, listeners) => {
    let redrawsUntil = clock.now() + REDRAWS_FOR_MS
    const pty = open(options, {
      ...listeners,
      onData(chunk) {
        if (clock.now() >= redrawsUntil) onOutput()
        listeners.onData(chunk)
      },
    })
    return {
      pid: pty.pid,
      write: (bytes) => pty.write(bytes),
      resize(cols, rows) {
        redrawsUntil = clock.now() + REDRAWS_FOR_MS
        pty.resize(cols, rows)
      },
      pause: () => pty.pause(),
      resume: () => pty.resume(),
      program: () => pty.program(),
      kill: () => pty.kill(),
    }
  }
}
