/** Work that is done again and again. */
export interface Repeating {
  /** Resolves when the first time is over, however it went. */
  first: Promise<void>
  /** Waits for what is under way; nothing begins after that. */
  stop(): Promise<void>
}

/**
 * Does the work every so often, never twice at a time; a failure is told, and the next time comes. `atOnce`: also now,
 * else first when the time has passed.
 */
export function repeat(
  everyMs: number,
  work: () => Promise<void>,
  onFailed: (error: unknown) => void,
  atOnce: 'at once' | 'later' = 'later',
): Repeating {
  let running: Promise<void> | undefined
  const turn = () => {
    running ??= work()
      .catch(onFailed)
      .finally(() => {
        running = undefined
      })
    return running
  }
  const first = atOnce === 'at once' ? turn() : Promise.resolve()
  const timer = setInterval(turn, everyMs)
  return {
    first,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
