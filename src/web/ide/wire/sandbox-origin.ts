import { fromProblem, OmegaError } from '../../../core/errors.ts'
import type { PreviewLink, PreviewUse } from '../../../core/wire/preview-link.ts'
import { takeEarly } from '../early-parts.ts'
import type { SocketLike } from './connection-options.ts'
import { makeSocket, SOCKET_PATH } from './socket.ts'

const PREVIEW_LINK_PATH = '/_omega/preview-link'

/** The first one is under way already (early.ts). */
export function openSocket(wake: boolean): SocketLike {
  const early = takeEarly('socket')
  const socket = early && early.readyState <= WebSocket.OPEN ? early : makeSocket(wake)
  socket.binaryType = 'arraybuffer'
  if (socket.readyState === WebSocket.OPEN) queueMicrotask(() => socket.onopen?.(new Event('open')))
  return socket as SocketLike
}

/** Only a clear 401 says no; a worker that does not answer may know us yet. */
export async function isSignedIn(): Promise<boolean | 'ended'> {
  try {
    const answer = await fetch(SOCKET_PATH, { cache: 'no-store', redirect: 'manual' })
    if (answer.status !== 401) return true
    const problem = (await answer.json().catch(() => ({}))) as { link?: unknown }
    return problem.link === 'ended' && 'ended'
  } catch {
    return true
  }
}

/** The one-time address that shows a port of the sandbox, signed in. Rejects with the worker's problem. */
export function makePreviewLink(port: number, path: string, use: PreviewUse): Promise<PreviewLink> {
  return askWorker<PreviewLink>('POST', PREVIEW_LINK_PATH, { port, path, use })
}

/** A request to the worker beside the socket. Rejects with its problem, or UNREACHABLE. */
export async function askWorker<Answer>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answer> {
  let answer: Response
  try {
    answer = await fetch(path, {
      method,
      cache: 'no-store',
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    })
  } catch {
    throw new OmegaError('UNREACHABLE', 'The sandbox cannot be reached at the moment. Try again when it is.')
  }
  const text: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) return text as Answer
  throw fromProblem(text) ?? new OmegaError('BAD_GATEWAY', `The sandbox answered ${answer.status} without a reason.`)
}
