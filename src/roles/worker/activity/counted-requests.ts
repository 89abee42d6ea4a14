import type { IncomingMessage } from 'node:http'
import type { ActivityKind } from '../../../core/wire/activity.ts'
import type { WebApp } from '../../../drivers/web-app.ts'
import type { Activity } from './activity.ts'

/** What managers send, and pages by themselves; and commands, which count as long as they run. */
const others = new Set(
  ['claim', 'warn', 'sleep', 'disk', 'renamed', 'preview-link', 'exec'].map((name) => `/_omega/${name}`),
)
const downloads = new Set(['/_omega/file', '/_omega/archive', '/_omega/tar', '/_omega/export'])

/** Counts the requests to the worker's own routes that somebody makes who wants something done. */
export function countRequests(app: WebApp, activity: Activity): void {
  app.addHook('onRequest', async (request, reply) => {
    const kind = kindOf(request.method, request.url.split('?')[0] ?? '')
    if (kind === undefined) return
    // A film that is paused holds its connection for hours.
    if (kind === 'download') activity.note(kind)
    else reply.raw.once('close', activity.begin(kind))
  })
}

/** Undefined for what does not count. */
export function kindOf(method: string, path: string): ActivityKind | undefined {
  if (method === 'GET') return downloads.has(path) ? 'download' : undefined
  if (method === 'HEAD' || method === 'OPTIONS' || others.has(path)) return undefined
  return method === 'PUT' ? 'upload' : 'operation'
}

/** What a page does by itself to learn of changes: an event stream, or Vite's question whether it is there again. */
export function isHotReload({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return /\btext\/(?:event-stream|x-vite-ping)\b/.test(headers.accept ?? '')
}
