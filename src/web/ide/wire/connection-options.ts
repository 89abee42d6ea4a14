import type { Clock } from '../../../core/clock.ts'

/** The part of a WebSocket the connection uses; `open` is handed one that delivers ArrayBuffers. */
export interface SocketLike {
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number; reason?: string }) => void) | null
}

export interface ConnectionOptions {
  /** `wake`: a person wants the sandbox. */
  open: (wake: boolean) => SocketLike
  clock: Clock
  random: () => number
  /** Asked when a socket could not be opened, since a WebSocket does not tell why: is the browser still signed in? `ended` with its link? */
  signedIn: () => Promise<boolean | 'ended'>
}
