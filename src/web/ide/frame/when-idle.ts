/**
 * Resolves when the browser has drawn and answered what is more urgent, at the latest after `limit` milliseconds: what
 * is not needed to type waits for it.
 */
export function whenIdle(limit: number): Promise<void> {
  return new Promise((resolve) => {
    // Safari has no idle callbacks.
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: limit })
    else setTimeout(resolve, Math.min(limit, 200))
  })
}
