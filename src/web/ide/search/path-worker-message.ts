import type { FoundPath } from './path-index.ts'

/** What the page says to the worker that finds paths. */
export type ToPathWorker =
  /** A new list begins; the former one is used until this one has ended. */
  | { kind: 'begin' }
  /** A piece of the list: UTF-8, each path followed by a NUL. */
  | { kind: 'bytes'; bytes: Uint8Array }
  /** `whole`: nothing is missing. */
  | { kind: 'end'; whole: boolean }
  | { kind: 'find'; id: number; text: string; limit: number }

export interface FromPathWorker {
  id: number
  found: FoundPath[]
  matching: number
  /** Paths in the list. */
  size: number
}
