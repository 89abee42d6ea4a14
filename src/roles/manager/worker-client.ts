import { request } from 'node:http'
import { OmegaError } from '../../core/errors.ts'
import type { Claim } from '../../core/wire/worker.ts'

/** A worker as its manager sees it: where it is reached, and the name it must be called by. */
export interface WorkerPlace {
  address: string
  port: number
  /** The Host header, `SUBDOMAIN.DOMAIN:PORT`: a worker answers to its own name only. */
  host: string
}

/** True when the worker answers its health check. Whatever goes wrong is a no. */
export async function isHealthy(worker: WorkerPlace, signal: AbortSignal): Promise<boolean> {
  try {
    return (await send(worker, 'GET', '/healthz', undefined, 2_000, signal)).status === 200
  } catch {
    return false
  }
}

/** Makes the worker the sandbox's own. The same claim may be repeated; CONFLICT if it belongs to another sandbox. */
export async function claim(worker: WorkerPlace, body: Claim, signal: AbortSignal): Promise<void> {
  let answer: { status: number; text: string }
  try {
    answer = await send(worker, 'POST', '/_omega/claim', JSON.stringify(body), 10_000, signal)
  } catch (error) {
    throw new OmegaError('CREATE_FAILED', `The worker did not take the sandbox's claim (${String(error)}).`)
  }
  if (answer.status >= 200 && answer.status < 300) return
  if (answer.status === 409) {
    throw new OmegaError('CONFLICT', 'The worker was claimed with other credentials before. Delete the sandbox.')
  }
  throw new OmegaError('CREATE_FAILED', `The worker refused its claim (${answer.status}): ${answer.text.slice(0, 300)}`)
}

/** node:http and not fetch, which does not let its caller choose the Host header. */
function send(
  worker: WorkerPlace,
  method: 'GET' | 'POST',
  path: string,
  body: string | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: worker.address,
      port: worker.port,
      method,
      path,
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        host: worker.host,
        connection: 'close',
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      },
    })
    call.once('error', reject)
    call.once('response', (response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        size += part.length
        // Whatever answers is not trusted to be our worker.
        if (size > 65_536) response.destroy(new Error('the answer is too large'))
        else parts.push(part)
      })
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      )
      response.once('error', reject)
    })
    call.end(body)
  })
}
