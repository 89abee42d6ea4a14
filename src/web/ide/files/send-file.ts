import { fromProblem, OmegaError } from '../../../core/errors.ts'
import { fileAddress } from './file-addresses.ts'
import type { SendOptions } from './uploads.ts'

/** Sends a file's bytes. By XMLHttpRequest: fetch does not tell how much of a body has gone. */
export function sendFile(path: string, file: File, { replace, signal, onProgress }: SendOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `${fileAddress(path)}${replace ? '&replace=1' : ''}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    const abort = () => request.abort()
    signal.addEventListener('abort', abort)
    request.upload.onprogress = ({ loaded }) => onProgress(loaded)
    request.onloadend = () => {
      signal.removeEventListener('abort', abort)
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(problemOf(request))
    }
    if (signal.aborted) abort()
    request.send(file)
  })
}

function problemOf({ status, responseText }: XMLHttpRequest): OmegaError {
  if (status === 0) {
    return new OmegaError(
      'UNREACHABLE',
      'The connection broke, or the file changed while it was read. Upload it again.',
    )
  }
  try {
    const problem = fromProblem(JSON.parse(responseText))
    if (problem) return problem
  } catch {
    // Of something in between that speaks no JSON.
  }
  return new OmegaError('INTERNAL', `The sandbox answered ${status}.`)
}
