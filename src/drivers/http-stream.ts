import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { fromProblem, OmegaError } from '../core/errors.ts'

export interface StreamOptions {
  method?: 'GET' | 'PUT' | 'POST'
  token?: string
  headers?: Record<string, string>
  /** Sent as it comes, and read no faster than it is sent. */
  body?: Readable
}

/** Of an answer that says what went wrong. */
const MAX_PROBLEM_CHARS = 64 * 1024
const KEEP_ALIVE_MS = 30_000

/**
 * A call whose body or answer may take as long as it does: `fetch` gives up on either after five quiet minutes. Resolves
 * with the answer as a stream; rejects with the problem the other side tells of, or UNREACHABLE.
 */
export function openStream(
  url: string,
  { method = 'GET', token, headers = {}, body }: StreamOptions,
): Promise<IncomingMessage> {
  const { protocol, origin } = new URL(url)
  return new Promise((resolve, reject) => {
    const call = (protocol === 'https:' ? secureRequest : plainRequest)(url, {
      method,
      agent: false,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    })
    let answered = false
    call.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS))
    call.once('response', (response) => {
      answered = true
      const { statusCode = 0 } = response
      if (statusCode >= 200 && statusCode < 300) return resolve(response)
      problemIn(response, origin).then((problem) => {
        body?.destroy()
        call.destroy()
        reject(problem)
      }, reject)
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      body?.destroy()
      if (!answered) reject(unreachable(origin, error))
    })
    if (!body) {
      call.end()
      return
    }
    body.once('error', (error) => {
      reject(error)
      call.destroy()
    })
    body.pipe(call)
  })
}

async function problemIn(response: IncomingMessage, origin: string): Promise<OmegaError> {
  let text = ''
  try {
    for await (const chunk of response.setEncoding('utf8')) if (text.length < MAX_PROBLEM_CHARS) text += chunk
    const problem = fromProblem(JSON.parse(text))
    if (problem) return problem
  } catch {
    // Cut off, or not JSON: told below.
  }
  return new OmegaError('BAD_GATEWAY', `${origin} answered ${response.statusCode} without a problem document.`)
}

function unreachable(origin: string, { code, message }: NodeJS.ErrnoException): OmegaError {
  return new OmegaError('UNREACHABLE', `${origin} cannot be reached (${code ?? message}). Is it running?`)
}
