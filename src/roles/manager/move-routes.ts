import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { ContainerRequest, ContainerStatus } from '../../core/container.ts'
import { ArriveQuery, ContainerParams, SnapshotList } from '../../core/wire/manager.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { Moves } from './moves.ts'

const ARCHIVE = '/v1/containers/:sandboxId/archive'

/** Whose bodies take as long as they do. */
export const moveRoutes = [ARCHIVE]

/** How a sandbox goes from one host to another; the master carries it between them. */
export function registerMoveRoutes(app: WebApp, moves: Moves): void {
  app.post(
    '/v1/containers/:sandboxId/leave',
    { schema: { params: ContainerParams, response: { 200: SnapshotList } } },
    async (request) => ({ snapshots: await moves.leave(request.params.sandboxId) }),
  )

  app.post(
    '/v1/containers/:sandboxId/stay',
    { schema: { params: ContainerParams, response: { 200: ContainerStatus } } },
    (request) => moves.stay(request.params.sandboxId),
  )

  app.post(
    '/v1/containers/:sandboxId/arrive',
    {
      schema: {
        params: ContainerParams,
        querystring: ArriveQuery,
        body: ContainerRequest,
        response: { 200: ContainerStatus },
      },
      bodyLimit: 4 * 1024 * 1024,
    },
    (request) => moves.arrive(request.body, request.query.port),
  )

  app.get(ARCHIVE, { schema: { params: ContainerParams } }, async (request, reply) => {
    const archive = await moves.pack(request.params.sandboxId)
    return reply.type('application/x-tar').send(Readable.from(archive))
  })

  void app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    ;(uploads as WebApp).put(
      ARCHIVE,
      { schema: { params: ContainerParams, response: { 204: Type.Null() } } },
      async (request, reply) => {
        await moves.unpack(request.params.sandboxId, request.raw)
        return reply.code(204).send(null)
      },
    )
  })
}
