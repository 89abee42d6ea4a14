/** What `start` of a role gives: where it answers, and how to stop it. */
export interface RunningRole {
  /** Base URL of its HTTP API, with the port that was really taken. */
  url: string
  /** Stops taking work, finishes what is under way and closes what was opened. May be called again. */
  close(): Promise<void>
}
