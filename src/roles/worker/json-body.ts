import type { IncomingMessage } from 'node:http'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { OmegaError } from '../../core/errors.ts'

/** A claim carries the sandbox's environment, a command its arguments. */
const BODY_LIMIT = 2 * 1024 * 1024
/** A body this slow is an attack on the worker's patience. */
const BODY_TIMEOUT_MS = 30_000

/** Reads a request's JSON body and checks it. The media type must say JSON: a form of another site cannot. */
export async function readJson<S extends TSchema>(request: IncomingMessage, schema: S): Promise<Static<S>> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new OmegaError('UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON, with Content-Type: application/json.')
  }
  let value: unknown
  const bytes = await readBody(request)
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new OmegaError('INVALID_REQUEST', 'The body is not JSON.')
  }
  if (Value.Check(schema, value)) return value
  const [first] = Value.Errors(schema, value)
  throw new OmegaError('INVALID_REQUEST', `The body is not valid: ${first?.instancePath || 'it'} ${first?.message}.`, {
    pointer: first?.instancePath ?? '',
  })
}

function readBody(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => {
      reject(new OmegaError('TIMEOUT', 'The body did not come in time.'))
      request.destroy()
    }, BODY_TIMEOUT_MS)
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= BODY_LIMIT) chunks.push(chunk)
      else reject(new OmegaError('TOO_LARGE', `The body is larger than ${BODY_LIMIT} bytes.`))
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => {
      clearTimeout(timer)
      reject(new OmegaError('INVALID_REQUEST', 'The connection ended within the body.'))
    })
  })
}
