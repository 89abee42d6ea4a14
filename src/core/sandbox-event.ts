/** A line of a sandbox's story. */
export interface SandboxEvent {
  /** Milliseconds since the epoch. */
  at: number
  /** What happened, in the terms of the API: `placed`, `container-started`, ... */
  event: string
  /** Facts: host, ms, reason, ... */
  data: Record<string, unknown>
}
