import type { IncomingMessage } from 'node:http'

const MAX_BYTES = 64 * 1024 * 1024
/** Most of what is refused is small, or was sent already. */
const WAIT_MS = 500

/**
 * Reads on what nobody wants any more of a request that is refused before its end: a connection that is closed with bytes
 * unread is reset, and whoever is still sending never sees the answer. Resolves when all has come, or after a moment.
 */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve()
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_BYTES) request.destroy()
  })
  request.resume()
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(settle, WAIT_MS)
    request.once('end', settle).once('close', settle)
  })
}
