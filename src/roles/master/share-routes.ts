import { Type } from 'typebox'
import { CreatedShare, RevokedShares, ShareList, ShareRequest } from '../../core/wire/shares.ts'
import { boundedText } from '../../drivers/bounded-text.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { WorkerCall } from '../../drivers/worker-client.ts'
import { byId, type SandboxParts } from './sandbox-routes.ts'

/** Of a worker, which its owner may have changed. */
const ANSWER_BYTES = 1024 * 1024
const ANSWER_WITHIN_MS = 10_000

/** `/v1/sandboxes/{id}/shares`: links for people without an account. The worker keeps them; the master only asks it. */
export function registerShareRoutes(
  app: WebApp,
  { lifecycle, domain, callWorker }: Pick<SandboxParts, 'lifecycle' | 'domain' | 'callWorker'>,
): void {
  const ask = async <Answer>(idOrName: string, call: Omit<WorkerCall, 'token'>): Promise<Answer> => {
    const sandbox = await lifecycle.findRunning(idOrName)
    const answer = await callWorker(sandbox, domain, { ...call, token: lifecycle.tokenOf(sandbox) })
    return JSON.parse(await boundedText(answer, ANSWER_BYTES, ANSWER_WITHIN_MS))
  }

  app.post(
    '/v1/sandboxes/:id/shares',
    {
      schema: {
        summary: 'Make a link for people without an account',
        description:
          'To edit (everything, running commands too), to look, or for the preview of one port. Any number of browsers may use it until it is over or revoked. `url` is told this once.',
        tags: ['shares'],
        params: byId,
        body: ShareRequest,
        response: { 201: CreatedShare },
      },
    },
    async (request, reply) => {
      const call = { method: 'POST', path: 'shares', body: request.body } as const
      return reply.code(201).send(await ask<CreatedShare>(request.params.id, call))
    },
  )

  app.get(
    '/v1/sandboxes/:id/shares',
    { schema: { summary: 'List links that work', tags: ['shares'], params: byId, response: { 200: ShareList } } },
    (request) => ask<ShareList>(request.params.id, { method: 'GET', path: 'shares' }),
  )

  app.delete(
    '/v1/sandboxes/:id/shares/:share',
    {
      schema: {
        summary: 'Revoke a link',
        description:
          'Ends the sessions and open pages that came by it, and the links that were made by who came by it.',
        tags: ['shares'],
        params: Type.Object({ ...byId.properties, share: Type.String({ maxLength: 64 }) }),
        response: { 200: RevokedShares },
      },
    },
    (request) => {
      const { id, share } = request.params
      return ask<RevokedShares>(id, { method: 'DELETE', path: `shares/${encodeURIComponent(share)}` })
    },
  )
}
