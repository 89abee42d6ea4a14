import type { IncomingMessage } from 'node:http'
import { Type } from 'typebox'
import type { Sandbox } from '../../core/sandbox.ts'
import { LEFT_OUT_TRAILER, UnpackedView } from '../../core/wire/tar.ts'
import { boundedText } from '../../drivers/bounded-text.ts'
import { drain } from '../../drivers/refused-body.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import { byId, type SandboxParts } from './sandbox-routes.ts'

const IMPORT = '/v1/sandboxes/:id/import'
const ARCHIVE = '/v1/sandboxes/:id/archive'

/** Whose bodies take as long as they do. */
export const archiveRoutes = [ARCHIVE, IMPORT]

/** Of a worker, which its owner may have changed. */
const ANSWER_BYTES = 4 * 1024 * 1024
const ANSWER_WITHIN_MS = 30_000

/** `/v1/sandboxes/{id}/archive`: files and folders in and out, as tar archives that the worker packs and unpacks. */
export function registerArchiveRoutes(
  app: WebApp,
  { lifecycle, domain, callWorker }: Pick<SandboxParts, 'lifecycle' | 'domain' | 'callWorker'>,
): void {
  app.get(
    ARCHIVE,
    {
      schema: {
        summary: 'Files and folders as a tar archive',
        description:
          'Made while it is sent; modes, times and links are kept. The trailer `x-omega-left-out` names pipes, sockets, devices and what may not be read (a JSON array, percent-encoded).',
        tags: ['sandboxes'],
        params: byId,
        querystring: Type.Object({
          path: Type.Optional(Type.String({ maxLength: 4096, default: '', description: 'Relative to the project.' })),
          without: Type.Optional(Type.Literal('ignored', { description: 'Leaves out what git ignores.' })),
        }),
      },
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const { path = '', without } = request.query
      const sandbox = await lifecycle.findRunning(request.params.id)
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const query = new URLSearchParams({ path, ...(without === undefined ? {} : { without }) })
      const stream = (await callWorker(sandbox, domain, {
        method: 'GET',
        path: `tar?${query}`,
        token: lifecycle.tokenOf(sandbox),
        signal: gone.signal,
      })) as IncomingMessage
      reply.trailer(LEFT_OUT_TRAILER, async () => stream.trailers[LEFT_OUT_TRAILER] ?? '')
      return reply.type('application/x-tar').send(stream)
    },
  )

  app.get(
    '/v1/sandboxes/:id/export',
    {
      schema: {
        summary: 'The whole sandbox as one file',
        description:
          'A .tar.gz: `omega-sandbox.json` (name, template, environment variables with their values), then its files below `project/`.',
        tags: ['sandboxes'],
        params: byId,
      },
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const sandbox = await lifecycle.findRunning(request.params.id)
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const call = { method: 'GET', path: 'export', token: lifecycle.tokenOf(sandbox), signal: gone.signal } as const
      return reply.type('application/gzip').send(await callWorker(sandbox, domain, call))
    },
  )

  const unpack = async (upload: IncomingMessage, sandbox: Sandbox, path: string): Promise<UnpackedView> => {
    try {
      const call = { method: 'PUT', path, token: lifecycle.tokenOf(sandbox), upload } as const
      const answer = await callWorker(sandbox, domain, call)
      return JSON.parse(await boundedText(answer, ANSWER_BYTES, ANSWER_WITHIN_MS)) as UnpackedView
    } catch (error) {
      await drain(upload)
      throw error
    }
  }

  void app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    ;(uploads as WebApp).put(
      ARCHIVE,
      {
        schema: {
          summary: 'Unpack a tar archive',
          description:
            'Its entries go into the folder `path`, if that is there or ends with a slash; else the one thing it holds gets that name. Each file is replaced as a whole. What would land outside of the project is refused.',
          tags: ['sandboxes'],
          params: byId,
          querystring: Type.Object({ path: Type.Optional(Type.String({ maxLength: 4096, default: '' })) }),
          response: { 200: UnpackedView },
        },
      },
      async (request) => {
        const sandbox = await lifecycle.findRunning(request.params.id)
        const query = new URLSearchParams({ path: request.query.path ?? '' })
        return unpack(request.raw, sandbox, `tar?${query}`)
      },
    )
    ;(uploads as WebApp).put(
      IMPORT,
      {
        schema: {
          summary: 'Put the files of an export in the place of all files',
          description: 'The body is what `export` gave. Nothing is changed unless it is whole.',
          tags: ['sandboxes'],
          params: byId,
          response: { 200: UnpackedView },
        },
      },
      async (request) => {
        const sandbox = await lifecycle.findRunning(request.params.id)
        return unpack(request.raw, sandbox, 'import')
      },
    )
  })
}
