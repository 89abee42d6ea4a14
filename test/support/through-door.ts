import { request } from 'node:http'

export interface DoorAnswer {
  status: number
  headers: NodeJS.Dict<string | string[]>
  text: string
}

/** One HTTP request on a port of this machine under a name of the caller's choice, which `fetch` does not allow. */
export function throughDoor(
  port: number,
  path: string,
  host: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; timeoutMs?: number } = {},
): Promise<DoorAnswer> {
  const { method = 'GET', headers = {}, body, timeoutMs = 10_000 } = options
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method, agent: false, timeout: timeoutMs, headers: { host, ...headers } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
        response.once('error', reject)
      },
    )
    sent.once('timeout', () => sent.destroy(new Error('no answer')))
    sent.once('error', reject)
    sent.end(body)
  })
}
