import type { Readable } from 'node:stream'
import contentDisposition from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { OmegaError } from '../../../core/errors.ts'
import { ARCHIVE_ADDRESS, FILE_ADDRESS, mediaOf, ROWS_ADDRESS } from '../../../core/wire/media.ts'
import { path, strict } from '../../../core/wire/operations/fields.ts'
import { archive } from '../../../drivers/project-archive.ts'
import type { WebApp } from '../../../drivers/web-app.ts'
import type { Services } from '../services.ts'
import { parseRange } from './byte-range.ts'
import { countRows } from './row-blocks.ts'
import { receiveUpload } from './upload.ts'

const flag = Type.Optional(Type.Literal('1'))
const FileQuery = Type.Object({ path, download: flag, replace: flag }, strict)
const RowsQuery = Type.Object({ path }, strict)
const ArchiveQuery = Type.Object(
  {
    path: Type.Union([path, Type.Array(path, { minItems: 1, maxItems: 1000 })]),
    without: Type.Optional(Type.Literal('ignored')),
  },
  strict,
)

/** Files that are being sent or received at once. */
const MAX_STREAMS = 64

/**
 * What a file may do where it is shown: nothing. No script runs in it, no form is sent, nothing else is loaded. It is of
 * another origin than the IDE, so that a page somebody uploaded reads neither the IDE's cookie nor its storage.
 */
const POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
/** The browser's own viewer shows it, which no sandbox lets in; a script in a PDF reaches nothing of the page's. */
const PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"

/** Files as they are, over plain HTTP: for images and players, for downloads and uploads. */
export function addFileRoutes(
  app: WebApp,
  { bytes, ignoreRules, files }: Pick<Services, 'bytes' | 'ignoreRules' | 'files'>,
): void {
  let streams = 0
  const take = (): (() => void) => {
    if (streams >= MAX_STREAMS) {
      throw new OmegaError(
        'TOO_MANY_REQUESTS',
        `${MAX_STREAMS} files are on their way already. Wait for some to arrive.`,
      )
    }
    streams++
    let taken = true
    return () => {
      if (taken) streams--
      taken = false
    }
  }
  const send = (reply: FastifyReply, stream: Readable, release: () => void) => {
    stream.once('close', release)
    // A reader who left before anything was sent.
    reply.raw.once('close', () => stream.destroy())
    return reply.send(stream)
  }

  app.route<{ Querystring: Static<typeof FileQuery> }>({
    method: ['GET', 'HEAD'],
    url: FILE_ADDRESS,
    schema: { querystring: FileQuery },
    handler: async (request, reply) => {
      const release = take()
      const file = await bytes.open(request.query.path).catch((error: unknown) => {
        release()
        throw error
      })
      const close = async () => {
        release()
        await file.handle.close()
      }
      try {
        const range = chooseRange(request, file)
        describe(reply, request.query, file)
        if (range === 'same') return reply.code(304).send(await close())
        if (range === 'none') {
          await close()
          reply.header('content-range', `bytes */${file.size}`)
          return reply.code(416).send()
        }
        if (range === 'changed')
          throw new OmegaError('PRECONDITION_FAILED', 'The file has changed since. Load it again.')
        if (range !== 'all') reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.size}`)
        const { start, end } = range === 'all' ? { start: 0, end: file.size - 1 } : range
        reply.header('content-length', end - start + 1)
        if (request.method === 'HEAD' || end < start) return reply.send(await close())
        const stream = file.handle.createReadStream({ start, end })
        return send(reply, stream, release)
      } catch (error) {
        await close()
        throw error
      }
    },
  })

  app.get<{ Querystring: Static<typeof RowsQuery> }>(
    ROWS_ADDRESS,
    { schema: { querystring: RowsQuery }, exposeHeadRoute: false },
    async (request, reply) => {
      const release = take()
      try {
        const file = await bytes.open(request.query.path)
        reply.type('application/octet-stream').header('etag', file.tag)
        return send(reply, countRows(file.handle, file.size), release)
      } catch (error) {
        release()
        throw error
      }
    },
  )

  app.get<{ Querystring: Static<typeof ArchiveQuery> }>(
    ARCHIVE_ADDRESS,
    { schema: { querystring: ArchiveQuery }, exposeHeadRoute: false },
    async (request, reply) => {
      const { path: asked, without } = request.query
      const paths = typeof asked === 'string' ? [asked] : asked
      const release = take()
      try {
        const leaveOut = async (folder: string, names: string[]) =>
          without === 'ignored' ? ignoreRules.ignored(folder, names) : []
        const stream = await archive(files.root, paths, { leaveOut })
        const [only = ''] = paths
        const name = paths.length > 1 ? 'files' : (only.split('/').at(-1) ?? '') || 'project'
        reply.type('application/zip').header('content-disposition', contentDisposition(`${name}.zip`))
        return send(reply, stream, release)
      } catch (error) {
        release()
        throw error
      }
    },
  )

  void app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    uploads.put<{ Querystring: Static<typeof FileQuery> }>(
      FILE_ADDRESS,
      { schema: { querystring: FileQuery } },
      async (request, reply) => {
        const release = take()
        try {
          const replaced = await receiveUpload(bytes, request.raw, request.query.path, request.query.replace === '1')
          return reply.code(replaced ? 200 : 201).send({})
        } finally {
          release()
        }
      },
    )
  })
}

interface Served {
  size: number
  modified: number
  tag: string
}

/** What of the file is wanted, after the conditions of RFC 9110 13.1. */
function chooseRange({ headers }: FastifyRequest, { size, tag }: Served) {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined && ifMatch !== '*' && !ifMatch.split(',').some((one) => one.trim() === tag))
    return 'changed'
  if (headers['if-none-match']?.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)) return 'same'
  const ifRange = headers['if-range']
  return ifRange !== undefined && ifRange !== tag ? 'all' : parseRange(headers.range, size)
}

function describe(reply: FastifyReply, { path: asked, download }: Static<typeof FileQuery>, file: Served): void {
  const found = download === undefined ? mediaOf(asked) : undefined
  const isPdf = found?.view === 'pdf'
  reply.type(found?.type ?? 'application/octet-stream')
  reply.header('content-security-policy', isPdf ? PDF_POLICY : POLICY)
  if (isPdf) reply.header('x-frame-options', 'SAMEORIGIN')
  if (!found) reply.header('content-disposition', contentDisposition(asked.split('/').at(-1) || 'file'))
  reply.header('accept-ranges', 'bytes')
  reply.header('etag', file.tag)
  reply.header('last-modified', new Date(file.modified).toUTCString())
  // Kept by this browser, and asked for each time.
  reply.header('cache-control', 'private, no-cache')
}
