import type { Logger } from '../drivers/log.ts'

/** How long a role may take to finish what is under way. */
const GRACE_MS = 10_000

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. A second one, or the deadline after it, ends the process at once. */
export function untilSignal(log: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stopping) {
          process.stderr.write('omega: stopped at once, work under way was cut off\n')
          process.exit(130)
        }
        stopping = true
        log.info({ signal }, 'stopping')
        setTimeout(() => {
          process.stderr.write(`omega: not everything stopped within ${GRACE_MS / 1000} s; ended by force\n`)
          process.exit(1)
        }, GRACE_MS).unref()
        resolve(signal)
      })
    }
  })
}

/** Gives what `work` gives, unless the signal comes first: then the process ends at once, as nothing is open yet. */
export async function orSignal<T>(work: Promise<T>, signal: Promise<NodeJS.Signals>): Promise<T> {
  let working = true
  signal.then(() => {
    if (working) process.exit(130)
  })
  try {
    return await work
  } finally {
    working = false
  }
}
