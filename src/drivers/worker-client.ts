import { type IncomingMessage, request } from 'node:http'
import { fromProblem, OmegaError } from '../core/errors.ts'
import type { Sandbox } from '../core/sandbox.ts'

export interface WorkerCall {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below `/_omega/`. */
  path: string
  token: string
  body?: unknown
  signal?: AbortSignal
}

/**
 * One request to a sandbox's worker, straight to its host and port and with the Host name it answers to; gives the
 * response as a stream. (`fetch` cannot set Host, and the name need not resolve where a master runs.)
 */
export function callWorker(
  sandbox: Pick<Sandbox, 'host' | 'port' | 'subdomain'>,
  domain: string,
  options: WorkerCall,
): Promise<IncomingMessage> {
  const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: sandbox.host,
        port: sandbox.port,
        method: options.method,
        path: `/_omega/${options.path}`,
        headers: {
          host: `${sandbox.subdomain}.${domain}:${sandbox.port}`,
          authorization: `Bearer ${options.token}`,
          ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
        },
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (response) => {
        if (response.statusCode === 200) return resolve(response)
        collect(response).then((text) => reject(problemOf(text, response.statusCode)), reject)
      },
    )
    const deadline = setTimeout(() => sent.destroy(new Error('no answer within 15 s')), 15_000)
    sent.once('response', () => clearTimeout(deadline))
    sent.once('close', () => clearTimeout(deadline))
    sent.on('error', (error) => {
      reject(
        new OmegaError(
          'BAD_GATEWAY',
          `The sandbox at ${sandbox.host}:${sandbox.port} does not answer (${error.message}). Look at its state with \`omega sandbox get\`.`,
        ),
      )
    })
    sent.end(body)
  })
}

async function collect(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) if (text.length < 65_536) text += chunk
  return text
}

function problemOf(text: string, status: number | undefined): OmegaError {
  try {
    const known = fromProblem(JSON.parse(text))
    if (known) return known
  } catch {
    // Not JSON: told below.
  }
  return new OmegaError('BAD_GATEWAY', `The sandbox answered ${status} without a problem document.`)
}
