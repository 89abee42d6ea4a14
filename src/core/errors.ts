/**
 * The one table of things that can go wrong.
 *
 * A code is the name a program may rely on; it is never reused for something else. `status` is the HTTP status of the
 * RFC 9457 problem document, `exit` the exit code of the command line. The sentence of an error says what was found,
 * what is allowed and what to do, in that order.
 */
export const errorTable = {
  INVALID_REQUEST: { status: 400, exit: 2, title: 'The request is not valid' },
  INVALID_NAME: { status: 400, exit: 2, title: 'The name is not allowed' },
  UNKNOWN_TEMPLATE: { status: 400, exit: 2, title: 'There is no such template' },
  UNAUTHENTICATED: { status: 401, exit: 3, title: 'The token is missing or wrong' },
  FORBIDDEN: { status: 403, exit: 3, title: 'This is not allowed from here' },
  NOT_FOUND: { status: 404, exit: 4, title: 'There is nothing here' },
  SANDBOX_NOT_FOUND: { status: 404, exit: 4, title: 'There is no such sandbox' },
  HOST_NOT_FOUND: { status: 404, exit: 4, title: 'There is no such host' },
  FILE_NOT_FOUND: { status: 404, exit: 4, title: 'There is no such file' },
  RECORD_NOT_FOUND: { status: 404, exit: 4, title: 'There is no such record' },
  ZONE_NOT_FOUND: { status: 404, exit: 4, title: 'There is no such zone' },
  METHOD_NOT_ALLOWED: { status: 405, exit: 2, title: 'The method is not allowed here' },
  NAME_TAKEN: { status: 409, exit: 5, title: 'The name is taken' },
  FILE_EXISTS: { status: 409, exit: 5, title: 'There is already such a file' },
  CONFLICT: { status: 409, exit: 5, title: 'Somebody else changed it meanwhile' },
  HOST_FULL: { status: 409, exit: 6, title: 'The host is full' },
  PRECONDITION_FAILED: { status: 412, exit: 5, title: 'It is not what you expected it to be' },
  TOO_LARGE: { status: 413, exit: 2, title: 'It is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, exit: 2, title: 'The media type is not supported' },
  WRONG_HOST: { status: 421, exit: 2, title: 'This name is not served here' },
  IDEMPOTENCY_MISMATCH: { status: 422, exit: 2, title: 'The idempotency key belongs to another request' },
  TOO_MANY_REQUESTS: { status: 429, exit: 6, title: 'Too many requests' },
  QUOTA_EXCEEDED: { status: 429, exit: 6, title: 'There are as many sandboxes as there may be' },
  BUILD_FAILED: { status: 500, exit: 7, title: 'The image could not be built' },
  NOT_INSTALLED: { status: 501, exit: 7, title: 'A program is missing on this machine' },
  INTERNAL: { status: 500, exit: 1, title: 'Something is broken in omega' },
  BAD_GATEWAY: { status: 502, exit: 7, title: 'The part behind this one does not answer' },
  CREATE_FAILED: { status: 502, exit: 7, title: 'The sandbox could not be created' },
  NO_CAPACITY: { status: 503, exit: 6, title: 'no capacity' },
  NOT_READY: { status: 503, exit: 7, title: 'Not ready yet' },
  STORE_UNAVAILABLE: { status: 503, exit: 7, title: 'The store does not answer' },
  ENGINE_UNAVAILABLE: { status: 503, exit: 7, title: 'The container engine does not answer' },
  ADDRESS_IN_USE: { status: 503, exit: 7, title: 'The address cannot be listened on' },
  UNREACHABLE: { status: 503, exit: 7, title: 'The master does not answer' },
  TIMEOUT: { status: 504, exit: 7, title: 'It took too long' },
} as const satisfies Record<string, { status: number; exit: number; title: string }>

export type ErrorCode = keyof typeof errorTable

/** An expected failure: a code of the table and a sentence for the person who reads it. */
export class OmegaError extends Error {
  override readonly name = 'OmegaError'
  readonly code: ErrorCode
  /** Facts a program may want, safe to show: the JSON pointer of a bad field, seconds to wait, ... */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.code = code
    this.details = details
  }

  get status(): number {
    return errorTable[this.code].status
  }

  get exit(): number {
    return errorTable[this.code].exit
  }
}

/** RFC 9457 problem document, with `code` as its extension member. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ErrorCode
  [extension: string]: unknown
}

/** The problem document of an error. What is not an OmegaError shows nothing of its inside. */
export function toProblem(error: unknown): Problem {
  const known =
    error instanceof OmegaError
      ? error
      : new OmegaError('INTERNAL', 'An unexpected error happened; the log of this role has the details.')
  const { status, title } = errorTable[known.code]
  return {
    ...known.details,
    type: `urn:omega:error:${known.code}`,
    title,
    status,
    detail: known.message,
    code: known.code,
  }
}

/** The error a problem document describes, or undefined when the value is not one of ours. */
export function fromProblem(value: unknown): OmegaError | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { code, detail, type: _type, title: _title, status: _status, ...details } = value as Record<string, unknown>
  if (typeof code !== 'string' || !Object.hasOwn(errorTable, code)) return undefined
  return new OmegaError(
    code as ErrorCode,
    typeof detail === 'string' ? detail : errorTable[code as ErrorCode].title,
    details,
  )
}
