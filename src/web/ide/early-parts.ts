import type { EarlyDocument } from './documents/indexed-db-cache.ts'

/** What early.ts has begun by the time the page's code comes, which takes it over. */
export interface EarlyParts {
  /** The worker speaks when it is spoken to, so nothing is missed. */
  socket?: WebSocket
  database?: Promise<IDBDatabase>
  /** The one that is shown first. */
  document?: EarlyDocument
}

declare global {
  interface Window {
    omegaEarly?: EarlyParts
  }
}

/** Each part can be taken once; undefined where it could not begin. */
export function takeEarly<Part extends keyof EarlyParts>(part: Part): EarlyParts[Part] | undefined {
  const value = window.omegaEarly?.[part]
  delete window.omegaEarly?.[part]
  return value
}
