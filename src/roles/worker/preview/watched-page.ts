import type { IncomingMessage, ServerResponse } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'
import type { Unwatchable } from '../../../core/wire/operations/ports.ts'
import { isNavigation } from '../admission/gate.ts'
import { isWatched } from '../admission/watched-frame.ts'
import { originOf, type PreviewTarget, pageOriginOf, reasonOf, responseHeaders } from './message-headers.ts'
import { parsePolicies, scriptAdmission, withFrame } from './page-policy.ts'
import { scriptPlace } from './script-place.ts'

/** On a preview's host; what it serves tells the IDE's page of the console and the address. */
export const OBSERVER_PATH = '/_omega/observer.js'

/** A document whose beginning is longer than this without a tag is left as it is. */
const MOST_PROLOGUE_BYTES = 64 * 1024

/** Encodings in which a `<` is one byte, and nothing else is that byte. */
const readable =
  /^(?:utf-?8|us-ascii|ascii|iso-?8859-\d+|latin1|windows-125\d|shift_jis|euc-(?:jp|kr)|gbk?|gb2312|gb18030|big5|koi8-[ru])$/i

/** Not true any more of a document that was added to, or must not be kept for those who get it as it is. */
const untrue = new Set(
  'content-length etag last-modified cache-control expires age accept-ranges content-md5 digest content-digest repr-digest'.split(
    ' ',
  ),
)

/**
 * Whether a request is the IDE's own frame loading a page. Browsers say what a load is for only where they trust the
 * network (Sec-Fetch-Dest: https, and localhost); elsewhere any page that is gone to looks like that, and the script finds
 * out that it is in no frame and takes itself away.
 */
export function isFrameLoad({ claim, host }: PreviewTarget, request: IncomingMessage): boolean {
  if (!isNavigation(request) || !isWatched(request.headers.cookie, claim, host)) return false
  const dest = request.headers['sec-fetch-dest']
  return dest === undefined ? request.headers['upgrade-insecure-requests'] === '1' : dest === 'iframe'
}

/**
 * Sends a page on to the IDE's frame, with the observer's script in it where that can be; `onUnwatched` hears why not.
 * Of the rest of the page not a byte is changed, nor is it held back.
 */
export function sendWatched(
  target: PreviewTarget,
  answer: IncomingMessage,
  response: ServerResponse,
  script: string,
  onUnwatched: (reason: Unwatchable) => void,
): void {
  const status = answer.statusCode ?? 502
  const policies = headersNamed(answer, 'content-security-policy')
  const framed = withFrame(policies, headersNamed(answer, 'x-frame-options')[0], pageOriginOf(target))
  const admission = isPage(answer) ? admissionOf(answer, policies, originOf(target)) : undefined
  if (admission && 'reason' in admission) onUnwatched(admission.reason)
  const nonce = admission && 'nonce' in admission ? admission.nonce : undefined
  const head = responseHeaders(target, answer, (name, value) => {
    if (name === 'content-security-policy' || name === 'x-frame-options') return undefined
    return nonce !== undefined && untrue.has(name) ? undefined : value
  })
  for (const policy of framed) head.push('Content-Security-Policy', policy)
  if (nonce !== undefined) head.push('Cache-Control', 'no-store')
  response.writeHead(status, reasonOf(answer), head)
  response.flushHeaders()
  if (nonce === undefined) answer.pipe(response)
  else answer.pipe(new ScriptInsertion(tagOf(script, nonce))).pipe(response)
}

function isPage({ statusCode = 502, headers }: IncomingMessage): boolean {
  if (!/^text\/html\b/i.test(headers['content-type'] ?? '') || [204, 205, 206, 304].includes(statusCode)) return false
  return !/^\s*attachment\b/i.test(headers['content-disposition'] ?? '')
}

/** How the script may be put into a page, or why it may not. */
function admissionOf(
  { headers, headersDistinct }: IncomingMessage,
  policies: string[],
  origin: string,
): { nonce: string } | { reason: Unwatchable } {
  const charset = /charset\s*=\s*"?([^\s";]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  const coded = headers['content-encoding'] ?? 'identity'
  if (coded !== 'identity' || !readable.test(charset)) return { reason: 'encoded' }
  const reported = headersDistinct['content-security-policy-report-only'] ?? []
  const nonce = scriptAdmission(parsePolicies([...policies, ...reported]), origin)
  return nonce === undefined || headers['integrity-policy'] !== undefined ? { reason: 'policy' } : { nonce }
}

function tagOf(script: string, nonce: string): string {
  return nonce === '' ? `<script src="${script}"></script>` : `<script nonce="${nonce}" src="${script}"></script>`
}

function headersNamed(message: IncomingMessage, name: string): string[] {
  return message.headersDistinct[name] ?? []
}

/** Puts one element into an HTML document that passes through. */
class ScriptInsertion extends Transform {
  readonly #tag: string
  #held: Buffer | undefined = Buffer.alloc(0)

  constructor(tag: string) {
    super()
    this.#tag = tag
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (!this.#held) {
      done(null, chunk)
      return
    }
    this.#held = Buffer.concat([this.#held, chunk])
    const beginning = this.#held.toString('latin1', 0, MOST_PROLOGUE_BYTES)
    // Two bytes a letter: as text it would be torn.
    const place = /^(?:\xff\xfe|\xfe\xff)/.test(beginning) ? undefined : scriptPlace(beginning)
    if (place !== 'more') this.#release(place)
    else if (this.#held.length >= MOST_PROLOGUE_BYTES) this.#release(undefined)
    done()
  }

  override _flush(done: TransformCallback): void {
    if (this.#held) this.#release(this.#held.length)
    done()
  }

  #release(place: number | undefined): void {
    const held = this.#held ?? Buffer.alloc(0)
    this.#held = undefined
    if (place === undefined) {
      this.push(held)
      return
    }
    this.push(held.subarray(0, place))
    this.push(this.#tag)
    this.push(held.subarray(place))
  }
}
