/** A person has so long for the first keys before the page does what can wait. */
const FIRST_KEYS_MS = 150
/** It does so at the latest so long after its code came, whatever is shown by then. */
const BEGIN_WITHIN_MS = 4_000

let begin = () => {}
const begun = new Promise<void>((resolve) => {
  begin = resolve
})
setTimeout(begin, BEGIN_WITHIN_MS)

/** The page shows what it was opened for: a text that can be typed into, or what there is instead. */
export function pageIsShown(): void {
  setTimeout(begin, FIRST_KEYS_MS)
}

/**
 * Resolves when the page is shown and the browser has drawn and answered what is more urgent, at the latest after `limit`
 * milliseconds more: what is not needed to type waits for it.
 */
export async function whenIdle(limit: number): Promise<void> {
  await begun
  await new Promise<void>((resolve) => {
    // Safari has no idle callbacks.
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: limit })
    else setTimeout(resolve, Math.min(limit, 200))
  })
}
