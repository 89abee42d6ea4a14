/** Time as an argument, so that what waits can be tested without waiting. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number
  /** Calls `action` once after `ms`; the returned function cancels it. */
  after(ms: number, action: () => void): () => void
}
