import { fromProblem, OmegaError } from '../core/errors.ts'
import { boundedText } from './bounded-text.ts'

const TIMEOUT_MS = 30_000
/** A zone of hundreds of thousands of names, or all containers of a host, with room. */
const ANSWER_BYTES = 64 * 1024 * 1024
/** Of who says what went wrong. */
const PROBLEM_BYTES = 1024 * 1024

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  token?: string
  body?: unknown
  headers?: Record<string, string>
  /** How long the answer may take, milliseconds. */
  timeoutMs?: number
  signal?: AbortSignal
}

/**
 * One call of another role's HTTP API: JSON in, JSON out. A problem document is thrown as the OmegaError it describes;
 * no answer at all as UNREACHABLE or TIMEOUT, naming what was called.
 */
export async function call<T>(url: string, options: CallOptions = {}): Promise<T> {
  const response = await send(url, options)
  if (response.status === 204) return undefined as T
  if (!response.body) return undefined as T
  return JSON.parse(await boundedText(response.body, ANSWER_BYTES, options.timeoutMs ?? TIMEOUT_MS)) as T
}

/** Like `call`, but gives the response itself, for streams. */
export async function send(url: string, options: CallOptions = {}): Promise<Response> {
  const { method = options.body === undefined ? 'GET' : 'POST', timeoutMs = TIMEOUT_MS } = options
  const deadline = AbortSignal.timeout(timeoutMs)
  let response: Response
  try {
    response = await fetch(url, {
      method,
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: options.signal ? AbortSignal.any([deadline, options.signal]) : deadline,
      redirect: 'manual',
    })
  } catch (error) {
    if (deadline.aborted) {
      throw new OmegaError('TIMEOUT', `${new URL(url).origin} did not answer within ${timeoutMs / 1000} s.`)
    }
    const reason = (error as { cause?: { code?: string; message?: string } }).cause
    throw new OmegaError(
      'UNREACHABLE',
      `${new URL(url).origin} cannot be reached (${reason?.code ?? reason?.message ?? String(error)}). Is it running?`,
    )
  }
  if (response.ok) return response
  const text = response.body ? await boundedText(response.body, PROBLEM_BYTES, timeoutMs) : ''
  throw (
    fromProblem(parse(text)) ??
    new OmegaError('BAD_GATEWAY', `${new URL(url).origin} answered ${response.status} without a problem document.`)
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
