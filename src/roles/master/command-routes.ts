import { Type } from 'typebox'
import { OmegaError } from '../../core/errors.ts'
import { ExecRequest } from '../../core/wire/exec.ts'
import { takeUpgrades } from '../../drivers/upgrade-routes.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import { relayToWorker } from '../../drivers/worker-client.ts'
import { byId, type SandboxParts } from './sandbox-routes.ts'

/** `/v1/sandboxes/{id}/exec|logs`: what scripts do inside a sandbox. The worker does it; the master only passes it on. */
export function registerCommandRoutes(
  app: WebApp,
  { lifecycle, domain, callWorker }: Pick<SandboxParts, 'lifecycle' | 'domain' | 'callWorker'>,
): void {
  const takeUpgrade = takeUpgrades(app)

  app.post(
    '/v1/sandboxes/:id/exec',
    {
      schema: {
        summary: 'Run a command inside',
        description:
          'Streams lines of JSON: `{stream, data}` with base64 data, at last `{exit}` or `{error}`. Its input is empty. A caller who leaves ends the command.',
        tags: ['sandboxes'],
        params: byId,
        body: ExecRequest,
      },
    },
    async (request, reply) => {
      const sandbox = await lifecycle.findRunning(request.params.id)
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const stream = await callWorker(sandbox, domain, {
        method: 'POST',
        path: 'exec',
        token: lifecycle.tokenOf(sandbox),
        body: request.body,
        signal: gone.signal,
      })
      return reply.type('application/x-ndjson').send(stream)
    },
  )

  app.get(
    '/v1/sandboxes/:id/exec',
    {
      schema: {
        summary: 'Run a command inside, with input and signals (WebSocket)',
        description:
          'An upgrade to `websocket`. First `{cmd, cwd?, env?, stdin?, tty?: {cols, rows}}` as text; after `{started: true}` binary messages are input, of which at most 262144 bytes may wait for their `{taken: N}`, and text is `{signal}`, `{resize: {cols, rows}}` or `{end: true}`. Binary answers are output: a byte 1 (stdout) or 2 (stderr), then its bytes. `{exit, signal?}`, `{error}` or `{problem}` is the last.',
        tags: ['sandboxes'],
        params: byId,
      },
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const sandbox = await lifecycle.findRunning(request.params.id)
      const upgraded = takeUpgrade(reply)
      if (!upgraded) {
        throw new OmegaError('INVALID_REQUEST', 'This address is a WebSocket; POST runs a command without input.')
      }
      relayToWorker(
        sandbox,
        domain,
        { path: 'exec', token: lifecycle.tokenOf(sandbox) },
        { request: request.raw, ...upgraded },
      )
    },
  )

  app.get(
    '/v1/sandboxes/:id/logs',
    {
      schema: {
        summary: "The app's output",
        description: 'Its last lines as plain text; with `follow=true` also each new one, until the caller leaves.',
        tags: ['sandboxes'],
        params: byId,
        querystring: Type.Object({
          tail: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 200 })),
          follow: Type.Optional(Type.Boolean()),
        }),
      },
    },
    async (request, reply) => {
      const sandbox = await lifecycle.findRunning(request.params.id)
      const { tail = 200, follow = false } = request.query
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const stream = await callWorker(sandbox, domain, {
        method: 'GET',
        path: `logs?tail=${tail}${follow ? '&follow=1' : ''}`,
        token: lifecycle.tokenOf(sandbox),
        signal: gone.signal,
      })
      return reply.type('text/plain; charset=utf-8').send(stream)
    },
  )
}
