import type { CreatedShare, ShareRequest } from '../../src/core/wire/shares.ts'
import { BEARER, HOST, ORIGIN, type TestWorker } from './worker.ts'

/** A link to the worker's sandbox, made by who has its token or by a guest with this cookie. */
export async function share(worker: TestWorker, body: ShareRequest, cookie?: string): Promise<CreatedShare> {
  const headers: Record<string, string> = cookie === undefined ? BEARER : { cookie, origin: ORIGIN }
  const answer = await worker.ask('/_omega/shares', { method: 'POST', body, headers })
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
  return answer.json as unknown as CreatedShare
}

/** Follows a link as a browser does; gives the status, where it leads, and its cookie, if there is one. */
export async function follow(
  worker: TestWorker,
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; location: string | undefined; cookie: string | undefined }> {
  const { host, pathname, search } = new URL(url)
  const answer = await worker.ask(pathname + search, { host, headers: { accept: 'text/html', ...headers } })
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0]
  return { status: answer.status, location: answer.headers.location, cookie }
}

/** The headers of a page of a guest who came by such a link. */
export async function guestOf(worker: TestWorker, body: ShareRequest): Promise<{ cookie: string; origin: string }> {
  const { cookie } = await follow(worker, (await share(worker, body)).url)
  if (cookie === undefined) throw new Error('The link gave no session')
  return { cookie, origin: ORIGIN }
}

/** The host of a port's preview. */
export function previewHost(port: number): string {
  return `${port}-${HOST}`
}
