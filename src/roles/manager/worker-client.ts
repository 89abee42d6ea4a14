import { request } from 'node:http'
import { OmegaError } from '../../core/errors.ts'
import type { DiskReport } from '../../core/wire/disk.ts'
import type { Claim } from '../../core/wire/worker.ts'
import { boundedText } from '../../drivers/bounded-text.ts'

const ANSWER_BYTES = 64 * 1024

/** Where this host reaches a worker. */
export interface WorkerPlace {
  address: string
  port: number
}

/** A worker that is a sandbox's: the name it must be called by (`SUBDOMAIN.DOMAIN:PORT`) and its token. */
export interface ClaimedWorker extends WorkerPlace {
  host: string
  token: string
}

/** What a worker says of its use; see PROTOCOL.md. */
export interface Activity {
  idleMs: number
  people: number
  /** When a person last asked to keep it as it is, ms since 1970. */
  keptAt?: number
}

interface Call {
  method: 'GET' | 'POST'
  path: string
  host?: string
  token?: string
  body?: unknown
  timeoutMs: number
  signal?: AbortSignal
}

/** True when the worker answers its health check. Whatever goes wrong is a no. */
export async function isHealthy(worker: WorkerPlace, signal: AbortSignal): Promise<boolean> {
  return (await statusOf(worker, '/healthz', signal)) === 200
}

/** True when the worker is some sandbox's. */
export async function isClaimed(worker: WorkerPlace, signal: AbortSignal): Promise<boolean> {
  return (await statusOf(worker, '/readyz', signal)) === 200
}

async function statusOf(worker: WorkerPlace, path: string, signal: AbortSignal): Promise<number> {
  try {
    return (await send(worker, { method: 'GET', path, timeoutMs: 2_000, signal })).status
  } catch {
    return 0
  }
}

/** Makes the worker the sandbox's own. The same claim may be repeated; CONFLICT if it belongs to another sandbox. */
export async function claim(worker: WorkerPlace, body: Claim, signal: AbortSignal): Promise<void> {
  let answer: { status: number; text: string }
  try {
    const host = `${body.subdomain}.${body.domain}:${body.port}`
    answer = await send(worker, { method: 'POST', path: '/_omega/claim', host, body, timeoutMs: 10_000, signal })
  } catch (error) {
    throw new OmegaError('CREATE_FAILED', `The worker did not take the sandbox's claim (${String(error)}).`)
  }
  if (answer.status >= 200 && answer.status < 300) return
  if (answer.status === 409) {
    throw new OmegaError('CONFLICT', 'The worker was claimed with other credentials before. Delete the sandbox.')
  }
  throw new OmegaError('CREATE_FAILED', `The worker refused its claim (${answer.status}): ${answer.text.slice(0, 300)}`)
}

/** So often a worker is asked before it is needed: its first answers take ten times as long as later ones. */
const REHEARSALS = 4

/** Has the worker do what a claim and a visit need, so that its code is compiled when they come. Failures do not matter. */
export async function rehearse(worker: WorkerPlace, domain: string, signal: AbortSignal): Promise<void> {
  const nobody = { sandboxId: '', name: 'rehearsal', subdomain: 'rehearsal', domain, template: '', port: 1, env: {} }
  // Not the key it waits for, so it refuses, and stays nobody's.
  const body: Claim = { ...nobody, token: '', masterUrl: '', key: '' }
  const host = `${nobody.subdomain}.${domain}:${nobody.port}`
  for (let round = 0; round < REHEARSALS; round++) {
    await send(worker, { method: 'POST', path: '/_omega/claim', host, body, timeoutMs: 2_000, signal }).catch(ignore)
    await send(worker, { method: 'GET', path: '/', host, token: '-', timeoutMs: 2_000, signal }).catch(ignore)
  }
}

const ignore = () => undefined

/** How long nobody and nothing has used the sandbox. Rejects when the worker does not say. */
export async function activityOf(worker: ClaimedWorker): Promise<Activity> {
  const { status, text } = await own(worker, 'GET', 'activity')
  const answer: unknown = status === 200 ? JSON.parse(text) : undefined
  const { idleMs, people, keptAt } = (answer ?? {}) as Partial<Activity>
  if (typeof idleMs !== 'number' || typeof people !== 'number') throw new Error(`activity was answered with ${status}`)
  return { idleMs, people, ...(keptAt === undefined ? {} : { keptAt }) }
}

/** Tells the pages what will happen to the sandbox unless somebody uses it. */
export async function warn(worker: ClaimedWorker, inMs: number, next: 'asleep' | 'stopped' | 'deleted'): Promise<void> {
  await own(worker, 'POST', 'warn', { inMs, then: next })
}

/** Lets the worker write everything to disk and say goodbye to the pages; false when it was used meanwhile (409). */
export async function sleep(
  worker: ClaimedWorker,
  next: 'asleep' | 'stopped',
  unlessActiveWithinMs?: number,
): Promise<boolean> {
  const within = unlessActiveWithinMs === undefined ? {} : { unlessActiveWithinMs }
  const { status } = await own(worker, 'POST', 'sleep', { then: next, ...within })
  return status === 200
}

/** Tells the pages how full the sandbox's disk is. */
export async function tellDisk(worker: ClaimedWorker, report: DiskReport): Promise<void> {
  await own(worker, 'POST', 'disk', report)
}

/** The sandbox is called something else now. */
export async function renamed(worker: ClaimedWorker, name: string): Promise<void> {
  await own(worker, 'POST', 'renamed', { name })
}

function own(worker: ClaimedWorker, method: 'GET' | 'POST', path: string, body?: unknown) {
  const { host, token } = worker
  return send(worker, { method, path: `/_omega/${path}`, host, token, body, timeoutMs: 5_000 })
}

/** node:http and not fetch, which does not let its caller choose the Host header. */
function send(
  worker: WorkerPlace,
  { method, path, host = 'localhost', token, body, timeoutMs, signal }: Call,
): Promise<{ status: number; text: string }> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const timeout = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    const call = request({
      host: worker.address,
      port: worker.port,
      method,
      path,
      agent: false,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        host,
        connection: 'close',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      },
    })
    call.once('error', reject)
    call.once('response', (response) => {
      // Whatever answers is not trusted to be our worker.
      boundedText(response, ANSWER_BYTES, timeoutMs).then(
        (text) => resolve({ status: response.statusCode ?? 0, text }),
        reject,
      )
    })
    call.end(text)
  })
}
