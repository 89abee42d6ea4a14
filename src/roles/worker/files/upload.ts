import type { IncomingMessage } from 'node:http'
import { OmegaError } from '../../../core/errors.ts'
import type { ProjectBytes } from '../../../drivers/project-bytes.ts'
import { drain } from '../../../drivers/refused-body.ts'

/** A sender from whom nothing comes for this long has gone to sleep. */
const STALL_MS = 60_000

/** Receives a request's body into a file; true when it took another's place. What is not wanted leaves nothing. */
export async function receiveUpload(
  bytes: ProjectBytes,
  request: IncomingMessage,
  path: string,
  replace: boolean,
): Promise<boolean> {
  const size = Number(request.headers['content-length'] ?? Number.NaN)
  try {
    return await bytes.receive(path, chunksOf(request), { size: Number.isNaN(size) ? undefined : size, replace })
  } catch (error) {
    await drain(request)
    if (!isCutOff(error)) throw error
    throw new OmegaError('INVALID_REQUEST', 'The upload was cut off before its end. Nothing was changed.')
  }
}

/** The body as it comes. Whoever stops reading it leaves the connection as it is: there is an answer to be sent. */
export async function* chunksOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const wait = () => setTimeout(() => request.destroy(), STALL_MS)
  let timer = wait()
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      clearTimeout(timer)
      yield chunk
      timer = wait()
    }
  } finally {
    clearTimeout(timer)
  }
}

export function isCutOff(error: unknown): boolean {
  return /ERR_STREAM_PREMATURE_CLOSE|ECONNRESET/.test((error as NodeJS.ErrnoException).code ?? String(error))
}
