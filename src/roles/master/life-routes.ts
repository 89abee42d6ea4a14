import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { Sandbox } from '../../core/sandbox.ts'
import { CreatedSandbox, ForkSandbox, SandboxView, UpdateSandbox } from '../../core/wire/http.ts'
import { mayLackBody, type WebApp } from '../../drivers/web-app.ts'
import { openOnce } from './once.ts'
import { byId, createdView } from './sandbox-routes.ts'
import type { OpenLinkParts } from './session-routes.ts'
import { sandboxView } from './views.ts'

/** `/v1/sandboxes/{id}`: what becomes of one that is there: stop, start, fork, another name, another end. */
export function registerLifeRoutes(app: WebApp, parts: OpenLinkParts & { store: FleetStore }): void {
  const { lifecycle, domain } = parts
  const once = openOnce(parts.store)

  app.post(
    '/v1/sandboxes/:id/stop',
    {
      schema: {
        summary: 'Stop a sandbox, keeping its files',
        description: 'Its processes end; name, address and files stay until it is started again.',
        tags: ['sandboxes'],
        params: byId,
        response: { 200: SandboxView },
      },
    },
    async (request) => sandboxView(await lifecycle.stop(request.params.id), domain),
  )

  app.post(
    '/v1/sandboxes/:id/start',
    {
      schema: {
        summary: 'Start one that is stopped, wake one that is asleep',
        description: 'Answers when it can be used.',
        tags: ['sandboxes'],
        params: byId,
        response: { 200: SandboxView },
      },
    },
    async (request) => sandboxView(await lifecycle.start(request.params.id), domain),
  )

  app.post(
    '/v1/sandboxes/:id/fork',
    {
      preValidation: mayLackBody,
      schema: {
        summary: 'Copy a sandbox with its files',
        description:
          'The copy has a name and a token of its own and is on the same host. The source goes on undisturbed.',
        tags: ['sandboxes'],
        params: byId,
        body: ForkSandbox,
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) }),
        response: { 201: CreatedSandbox },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const asked = JSON.stringify([request.params.id, request.body])
      let made: Sandbox | undefined
      const id = await once(
        typeof key === 'string' ? key : undefined,
        createHash('sha256').update(asked).digest('base64url'),
        async () => {
          made = await lifecycle.fork(request.params.id, request.body)
          return made.id
        },
      )
      const answer = createdView(parts, made ?? (await lifecycle.find(id)))
      return reply.code(201).header('location', `/v1/sandboxes/${answer.id}`).send(answer)
    },
  )

  app.patch(
    '/v1/sandboxes/:id',
    {
      schema: {
        summary: 'Change name or end of life',
        tags: ['sandboxes'],
        params: byId,
        body: UpdateSandbox,
        response: { 200: SandboxView },
      },
    },
    async (request) => sandboxView(await lifecycle.update(request.params.id, request.body), domain),
  )
}
