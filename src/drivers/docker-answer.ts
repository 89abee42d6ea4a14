import { OmegaError } from '../core/errors.ts'

/** How the Docker Engine says things: HTTP statuses, messages and the framing of logs, in our terms. */

export function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { statusCode?: unknown }
  return typeof statusCode === 'number' ? statusCode : undefined
}

/** ENGINE_UNAVAILABLE for an engine that cannot be reached, CREATE_FAILED for one that refuses. */
export function toEngineError(error: unknown): OmegaError {
  if (error instanceof OmegaError) return error
  const status = statusOf(error)
  if (status === undefined) {
    const { code } = error as { code?: string }
    return new OmegaError(
      'ENGINE_UNAVAILABLE',
      `The Docker Engine does not answer (${code ?? messageOf(error)}). Start it (systemctl start docker), or let this user use its socket.`,
    )
  }
  return new OmegaError('CREATE_FAILED', `Docker refused (${status}): ${messageOf(error).slice(0, 500)}`)
}

function messageOf(error: unknown): string {
  const { json, message } = error as { json?: { message?: string }; message?: string }
  return json?.message ?? message ?? String(error)
}

/** Runs a call; an HTTP status in `fine` gives undefined, every other failure is thrown as one of ours. */
export async function ask<T>(request: () => Promise<T>): Promise<T>
export async function ask<T>(request: () => Promise<T>, ...fine: number[]): Promise<T | undefined>
export async function ask<T>(request: () => Promise<T>, ...fine: number[]): Promise<T | undefined> {
  try {
    return await request()
  } catch (error) {
    if (fine.includes(statusOf(error) ?? -1)) return undefined
    throw toEngineError(error)
  }
}

/** Output of a container without a terminal: frames of an 8-byte head (stream, 0, 0, 0, length) and their bytes. */
export function demultiplex(output: Buffer): string {
  const parts: Buffer[] = []
  for (let offset = 0; offset + 8 <= output.length; ) {
    const end = offset + 8 + output.readUInt32BE(offset + 4)
    parts.push(output.subarray(offset + 8, end))
    offset = end
  }
  return Buffer.concat(parts).toString('utf8')
}
