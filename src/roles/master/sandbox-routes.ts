import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { toProblem } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { Sandbox } from '../../core/sandbox.ts'
import {
  CreatedSandbox,
  type CreateProgress,
  CreateSandbox,
  SandboxEvents,
  SandboxList,
  SandboxView,
} from '../../core/wire/http.ts'
import { asOmegaError, type WebApp } from '../../drivers/web-app.ts'
import type { WorkerCall } from '../../drivers/worker-client.ts'
import { EventStream } from './event-stream.ts'
import { openOnce } from './once.ts'
import { type OpenLinkParts, openLink } from './session-routes.ts'
import { watchSetup } from './setup-routes.ts'
import { sandboxView } from './views.ts'

export interface SandboxParts extends OpenLinkParts {
  store: FleetStore
  callWorker(sandbox: Sandbox, domain: string, options: WorkerCall): Promise<NodeJS.ReadableStream>
  /** Tells how a create went, for the metrics. */
  observeCreate(outcome: string, seconds: number): void
}

export const byId = Type.Object({ id: Type.String({ maxLength: 63, description: 'Id, subdomain or name.' }) })

/** A new sandbox with all it takes to go in. */
export function createdView(parts: OpenLinkParts, sandbox: Sandbox): CreatedSandbox {
  const { domain, lifecycle } = parts
  return {
    ...sandboxView(sandbox, domain),
    openUrl: openLink(parts, sandbox),
    token: lifecycle.tokenOf(sandbox),
  }
}

/** `/v1/sandboxes`: create, list, get, delete, and what is done inside one. */
export function registerSandboxRoutes(app: WebApp, parts: SandboxParts): void {
  const { store, lifecycle, domain } = parts
  const once = openOnce(store)

  const create = async (request: FastifyRequest<{ Body: CreateSandbox }>, report: (step: CreateProgress) => void) => {
    const began = performance.now()
    const body = request.body ?? {}
    const key = request.headers['idempotency-key']
    try {
      let made: Sandbox | undefined
      const id = await once(
        typeof key === 'string' ? key : undefined,
        createHash('sha256').update(JSON.stringify(body)).digest('base64url'),
        async () => {
          made = await lifecycle.create(body, report)
          if (body.git) void watchSetup(parts, made)
          return made.id
        },
      )
      const answer = createdView(parts, made ?? (await lifecycle.find(id)))
      parts.observeCreate('created', (performance.now() - began) / 1000)
      return answer
    } catch (error) {
      parts.observeCreate(asOmegaError(error).code, (performance.now() - began) / 1000)
      throw error
    }
  }

  app.post(
    '/v1/sandboxes',
    {
      schema: {
        summary: 'Create a sandbox',
        description:
          'Answers when the sandbox can be used and its name resolves. With `Accept: text/event-stream` the answer is a stream of `progress` events, then one `created` or one `problem`.',
        tags: ['sandboxes'],
        body: CreateSandbox,
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) }),
        response: { 201: CreatedSandbox },
      },
    },
    async (request, reply) => {
      if (!(request.headers.accept ?? '').includes('text/event-stream')) {
        const answer = await create(request, () => {})
        return reply.code(201).header('location', `/v1/sandboxes/${answer.id}`).send(answer)
      }
      const stream = new EventStream(reply)
      try {
        const data = await create(request, (step) => stream.send({ event: 'progress', data: step }))
        stream.send({ event: 'created', data })
      } catch (error) {
        stream.send({ event: 'problem', data: toProblem(asOmegaError(error)) })
      }
      stream.end()
      return reply
    },
  )

  app.get(
    '/v1/sandboxes',
    { schema: { summary: 'List sandboxes', tags: ['sandboxes'], response: { 200: SandboxList } } },
    async () => ({ sandboxes: (await store.list()).map((sandbox) => sandboxView(sandbox, domain)) }),
  )

  app.get(
    '/v1/sandboxes/:id',
    { schema: { summary: 'Get a sandbox', tags: ['sandboxes'], params: byId, response: { 200: SandboxView } } },
    async (request) => sandboxView(await lifecycle.find(request.params.id), domain),
  )

  app.delete(
    '/v1/sandboxes/:id',
    {
      schema: {
        summary: 'Delete a sandbox with its files',
        description: '204 when it is gone; 202 when its host does not answer and the rest is done later.',
        tags: ['sandboxes'],
        params: byId,
        response: { 202: Type.Object({ state: Type.Literal('deleting') }), 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { gone } = await lifecycle.delete(request.params.id)
      return gone ? reply.code(204).send(null) : reply.code(202).send({ state: 'deleting' })
    },
  )

  app.get(
    '/v1/sandboxes/:id/events',
    { schema: { summary: "A sandbox's story", tags: ['sandboxes'], params: byId, response: { 200: SandboxEvents } } },
    async (request) => {
      const sandbox = await store.find(request.params.id)
      const events = await store.events(sandbox?.id ?? request.params.id)
      // The story of one that is gone is told on for a while, by its id.
      if (!sandbox && events.length === 0) await lifecycle.find(request.params.id)
      return { events: events.map(({ at, event, data }) => ({ at: new Date(at).toISOString(), event, data })) }
    },
  )

  app.post(
    '/v1/sandboxes/:id/open-link',
    {
      schema: {
        summary: 'A one-time link that signs a browser in',
        tags: ['sandboxes'],
        params: byId,
        response: { 200: Type.Object({ openUrl: Type.String() }) },
      },
    },
    async (request) => ({ openUrl: openLink(parts, await lifecycle.findRunning(request.params.id)) }),
  )
}
