/** The head of an HTTP/1 request (RFC 9112) as far as a door looks at it. */
export interface DoorRequest {
  method: string
  target: string
  /** Values by lower-case name, in the order they came. */
  headers: ReadonlyMap<string, string[]>
}

/** Longer than any browser's: cookies included. */
export const MAX_HEAD_BYTES = 32 * 1024

const END = Buffer.from('\r\n\r\n')

/** `more` while the head has not ended; `bad` for what is no HTTP. Whatever follows the head is not looked at. */
export function parseHead(bytes: Buffer): DoorRequest | 'more' | 'bad' {
  const end = bytes.indexOf(END)
  if (end < 0) {
    // TLS, or anything else that is no text, need not be waited for.
    const first = bytes[0]
    return (first !== undefined && (first < 0x41 || first > 0x5a)) || bytes.length > MAX_HEAD_BYTES ? 'bad' : 'more'
  }
  if (end > MAX_HEAD_BYTES) return 'bad'
  const [start = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const [, method, target] = /^([A-Z]{1,20}) (\S+) HTTP\/1\.[01]$/.exec(start) ?? []
  if (method === undefined || target === undefined) return 'bad'
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined) return 'bad'
    const key = name.toLowerCase()
    headers.set(key, [...(headers.get(key) ?? []), value])
  }
  return { method, target, headers }
}

export function first(request: DoorRequest, name: string): string | undefined {
  return request.headers.get(name)?.[0]
}

/** A path's query; empty for a target that is none. */
export function queryOf({ target }: DoorRequest): URLSearchParams {
  const mark = target.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))
}

export function pathOf({ target }: DoorRequest): string {
  return target.split('?', 1)[0] ?? ''
}

/** A browser's address bar or frame asks, and can show a page. */
export function isNavigation(request: DoorRequest): boolean {
  return request.method === 'GET' && !isUpgrade(request) && /\btext\/html\b/.test(first(request, 'accept') ?? '')
}

export function isUpgrade(request: DoorRequest): boolean {
  return request.headers.has('upgrade')
}
