import { Type } from 'typebox'
import { ContainerRequest, ContainerStatus } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { Snapshot } from '../../core/snapshot.ts'
import {
  ContainerList,
  ContainerParams,
  ForkQuery,
  LogsQuery,
  RenameContainer,
  SnapshotList,
  SnapshotParams,
  TakeSnapshot,
} from '../../core/wire/manager.ts'
import { bearerOf, sameSecret } from '../../drivers/credentials.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { Containers } from './containers.ts'
import { registerMoveRoutes } from './move-routes.ts'

/** What anybody may ask: whether we live, and how we are. */
const open = new Set(['/healthz', '/readyz', '/metrics'])

export interface ApiParts {
  containers: Containers
  /** The key the master signs its calls with; undefined before the first registration. */
  hostKey: () => Promise<string | undefined>
}

/** The manager's HTTP API, for the master alone (see core/wire/manager.ts). Closed unless a route is named above. */
export function registerApi(app: WebApp, { containers, hostKey }: ApiParts): void {
  // On the application itself, so that no route can be forgotten, not even one that does not exist.
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url !== undefined && open.has(request.routeOptions.url)) return
    const given = bearerOf(request.headers.authorization)
    const key = given === undefined ? undefined : await hostKey()
    if (given !== undefined && key === undefined) {
      throw new OmegaError('NOT_READY', 'This manager is not registered with its master yet, so it knows no key. Wait.')
    }
    if (given === undefined || key === undefined || !sameSecret(given, key)) {
      throw new OmegaError(
        'UNAUTHENTICATED',
        'The token is missing or is not the one the master gave this host. Only the master of its fleet may call it.',
      )
    }
  })

  app.put(
    '/v1/containers/:sandboxId',
    {
      schema: { params: ContainerParams, body: ContainerRequest, response: { 200: ContainerStatus } },
      bodyLimit: 4 * 1024 * 1024,
    },
    async (request) => {
      if (request.params.sandboxId !== request.body.sandboxId) {
        throw new OmegaError(
          'INVALID_REQUEST',
          'The sandboxId of the path and that of the body differ; they must be equal.',
        )
      }
      return containers.ensure(request.body)
    },
  )

  app.get('/v1/containers', { schema: { response: { 200: ContainerList } } }, async () => {
    return { containers: await containers.list() }
  })

  app.get(
    '/v1/containers/:sandboxId',
    { schema: { params: ContainerParams, response: { 200: ContainerStatus } } },
    (request) => containers.find(request.params.sandboxId),
  )

  app.delete(
    '/v1/containers/:sandboxId',
    { schema: { params: ContainerParams, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await containers.remove(request.params.sandboxId)
      return reply.code(204).send(null)
    },
  )

  const changes = {
    stop: (id: string) => containers.stop(id),
    start: (id: string) => containers.wake(id),
    freeze: (id: string) => containers.freeze(id),
  }
  for (const [verb, change] of Object.entries(changes)) {
    app.post(
      `/v1/containers/:sandboxId/${verb}`,
      { schema: { params: ContainerParams, response: { 200: ContainerStatus } } },
      (request) => change(request.params.sandboxId),
    )
  }

  app.post(
    '/v1/containers/:sandboxId/rename',
    { schema: { params: ContainerParams, body: RenameContainer, response: { 200: ContainerStatus } } },
    (request) => containers.rename(request.params.sandboxId, request.body.name),
  )

  app.post(
    '/v1/containers/:sandboxId/fork',
    {
      schema: {
        params: ContainerParams,
        querystring: ForkQuery,
        body: ContainerRequest,
        response: { 200: ContainerStatus },
      },
      bodyLimit: 4 * 1024 * 1024,
    },
    (request) => containers.fork(request.params.sandboxId, request.body, request.query.snapshot),
  )

  registerMoveRoutes(app, containers.moves)

  app.get(
    '/v1/containers/:sandboxId/snapshots',
    { schema: { params: ContainerParams, response: { 200: SnapshotList } } },
    async (request) => ({ snapshots: await containers.snapshotsOf(request.params.sandboxId) }),
  )

  app.post(
    '/v1/containers/:sandboxId/snapshots',
    { schema: { params: ContainerParams, body: TakeSnapshot, response: { 200: Snapshot } } },
    (request) => containers.takeSnapshot(request.params.sandboxId, request.body.name),
  )

  app.delete(
    '/v1/containers/:sandboxId/snapshots/:snapshot',
    { schema: { params: SnapshotParams, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await containers.removeSnapshot(request.params.sandboxId, request.params.snapshot)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/containers/:sandboxId/snapshots/:snapshot/restore',
    { schema: { params: SnapshotParams, response: { 200: ContainerStatus } } },
    (request) => containers.restore(request.params.sandboxId, request.params.snapshot),
  )

  app.get(
    '/v1/containers/:sandboxId/logs',
    { schema: { params: ContainerParams, querystring: LogsQuery } },
    async (request, reply) => {
      const text = await containers.logs(request.params.sandboxId, request.query.tail)
      // Whatever a sandbox wrote is shown as text, never as a page.
      return reply
        .type('text/plain; charset=utf-8')
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', 'sandbox')
        .send(text)
    },
  )
}
