import { fromProblem, OmegaError } from '../../core/errors.ts'
import type { KeptSettings } from '../../core/kept-settings.ts'
import type { SandboxEvent } from '../../core/sandbox-event.ts'
import type { Template } from '../../core/template.ts'
import type { FleetView } from '../../core/wire/fleet.ts'
import type {
  CreatedSandbox,
  CreateProgress,
  HostView,
  SandboxEventView,
  SandboxView,
  SnapshotView,
} from '../../core/wire/http.ts'
import type { CreatedShare, ShareList } from '../../core/wire/shares.ts'
import type { ShareApi } from '../shared/share-panel.tsx'
import { EventStreamParser } from './event-stream.ts'

/** The master's HTTP API on the page's own origin; the session cookie goes along by itself. All reject with OmegaErrors. */
export const masterApi = {
  session: () => call('GET', '/v1/session'),
  signIn: (token: string) => call('POST', '/v1/session', { token }),
  signOut: () => call('DELETE', '/v1/session'),
  templates: async () => ((await call('GET', '/v1/templates')) as { templates: Template[] }).templates,
  sandboxes: async () => ((await call('GET', '/v1/sandboxes')) as { sandboxes: SandboxView[] }).sandboxes,
  hosts: async () => ((await call('GET', '/v1/hosts')) as { hosts: HostView[] }).hosts,
  /** Machines that the fleet has asked for, and who waits for one. */
  fleet: async () => (await call('GET', '/v1/fleet')) as FleetView,
  /** A sandbox's story, oldest first. */
  events: async (id: string): Promise<SandboxEvent[]> => {
    const answer = await call('GET', `/v1/sandboxes/${encodeURIComponent(id)}/events`)
    const { events } = answer as { events: SandboxEventView[] }
    return events.map(({ at, event, data }) => ({ at: Date.parse(at), event, data }))
  },
  remove: (id: string) => call('DELETE', `/v1/sandboxes/${encodeURIComponent(id)}`),
  /** Answers when its processes have ended. */
  stop: (id: string) => call('POST', `/v1/sandboxes/${encodeURIComponent(id)}/stop`),
  /** Starts one that is stopped, wakes one that is asleep; answers when it can be used. */
  start: (id: string) => call('POST', `/v1/sandboxes/${encodeURIComponent(id)}/start`),
  rename: (id: string, name: string) => call('PATCH', `/v1/sandboxes/${encodeURIComponent(id)}`, { name }),
  /**
   * Copies a sandbox, as it is now or was when the snapshot was taken, and gives the link that opens the copy. The same
   * `key` copies it only once.
   */
  fork: async (id: string, name: string, key: string, snapshot?: string): Promise<string> => {
    const path = `/v1/sandboxes/${encodeURIComponent(id)}/fork`
    const wish = { ...(name !== '' && { name }), ...(snapshot !== undefined && { snapshot }) }
    const answer = await send('POST', path, wish, { 'idempotency-key': key })
    return ((await answer.json()) as CreatedSandbox).openUrl
  },
  /** The snapshots of a sandbox. */
  snapshots: (id: string) => {
    const path = `/v1/sandboxes/${encodeURIComponent(id)}/snapshots`
    const one = (snapshot: SnapshotView) => `${path}/${encodeURIComponent(snapshot.id)}`
    return {
      /** Oldest first. */
      list: async () => ((await call('GET', path)) as { snapshots: SnapshotView[] }).snapshots,
      /** With an empty name it is called by its time. */
      take: async (name: string) => (await call('POST', path, name === '' ? {} : { name })) as SnapshotView,
      /** Answers when the sandbox can be used again. */
      restore: async (snapshot: SnapshotView) => void (await call('POST', `${one(snapshot)}/restore`)),
      remove: async (snapshot: SnapshotView) => void (await call('DELETE', one(snapshot))),
    }
  },
  openLink: async (id: string) =>
    ((await call('POST', `/v1/sandboxes/${encodeURIComponent(id)}/open-link`)) as { openUrl: string }).openUrl,
  settings: async () => ((await call('GET', '/v1/settings')) as { settings: KeptSettings }).settings,
  changeSettings: (settings: KeptSettings) => call('PATCH', '/v1/settings', { settings }),
  /** The links of a sandbox. */
  shares: (id: string): ShareApi => {
    const path = `/v1/sandboxes/${encodeURIComponent(id)}/shares`
    return {
      list: async () => ((await call('GET', path)) as ShareList).shares,
      create: async (request) => (await call('POST', path, request)) as CreatedShare,
      revoke: async (share) => void (await call('DELETE', `${path}/${encodeURIComponent(share)}`)),
    }
  },
  create,
}

/** Creates a sandbox, tells each step, and gives the link that opens it. The same `key` creates it only once. */
async function create(
  body: { template: string; name?: string },
  key: string,
  onProgress: (progress: CreateProgress) => void,
): Promise<string> {
  const answer = await send('POST', '/v1/sandboxes', body, { accept: 'text/event-stream', 'idempotency-key': key })
  if (!answer.headers.get('content-type')?.includes('text/event-stream')) {
    return ((await answer.json()) as { openUrl: string }).openUrl
  }
  const parser = new EventStreamParser()
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    for (const { event, data } of parser.feed(piece.value)) {
      const value: unknown = JSON.parse(data)
      if (event === 'progress') onProgress(value as CreateProgress)
      else if (event === 'created') return (value as { openUrl: string }).openUrl
      else if (event === 'problem') throw asError(value, 502)
    }
  }
  throw new OmegaError(
    'UNREACHABLE',
    'The connection ended before the sandbox was there. It may still appear in the list below; if not, try again.',
  )
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await send(method, path, body, {})
  return answer.status === 204 ? undefined : answer.json().catch(() => undefined)
}

async function send(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new OmegaError(
      'UNREACHABLE',
      'The master does not answer. Check that omega is running; this page keeps trying.',
    )
  }
  if (answer.ok) return answer
  throw asError(await answer.json().catch(() => undefined), answer.status)
}

function asError(problem: unknown, status: number): OmegaError {
  return (
    fromProblem(problem) ??
    new OmegaError(
      status === 401 ? 'UNAUTHENTICATED' : 'BAD_GATEWAY',
      `The master answered ${status} without a reason.`,
    )
  )
}
