import { fromProblem, OmegaError } from '../../../core/errors.ts'
import type { PreviewLink, PreviewUse } from '../../../core/wire/preview-link.ts'
import type { SocketLike } from './connection.ts'

/** The worker's addresses, all on the page's own origin; the sign-in cookie goes along by itself. */
const SOCKET_PATH = '/_omega/ws'
const PREVIEW_LINK_PATH = '/_omega/preview-link'

export function openSocket(): SocketLike {
  const url = new URL(SOCKET_PATH, location.href)
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  return socket as SocketLike
}

/** Only a clear 401 says no; a worker that does not answer may know us yet. */
export async function isSignedIn(): Promise<boolean> {
  try {
    return (await fetch(SOCKET_PATH, { cache: 'no-store', redirect: 'manual' })).status !== 401
  } catch {
    return true
  }
}

/** The one-time address that shows a port of the sandbox, signed in. Rejects with the worker's problem. */
export async function makePreviewLink(port: number, path: string, use: PreviewUse): Promise<PreviewLink> {
  const answer = await fetch(PREVIEW_LINK_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ port, path, use }),
  })
  const body: unknown = await answer.json().catch(() => undefined)
  if (!answer.ok) {
    throw fromProblem(body) ?? new OmegaError('BAD_GATEWAY', `The sandbox answered ${answer.status} to a preview.`)
  }
  return body as PreviewLink
}
