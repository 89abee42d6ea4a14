import { Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { OmegaError } from '../../../core/errors.ts'
import {
  EXPORT_ADDRESS,
  EXPORT_FOLDER,
  EXPORT_MANIFEST,
  type ExportManifest,
  IMPORT_ADDRESS,
} from '../../../core/wire/export.ts'
import { UnpackedView } from '../../../core/wire/tar.ts'
import { ProjectBytes } from '../../../drivers/project-bytes.ts'
import { ProjectRoot } from '../../../drivers/project-path.ts'
import { newContentFolder, replaceContent } from '../../../drivers/project-replace.ts'
import { drain } from '../../../drivers/refused-body.ts'
import { packTree } from '../../../drivers/tree-pack.ts'
import { removeTree } from '../../../drivers/tree-remove.ts'
import { unpackTree } from '../../../drivers/tree-unpack.ts'
import type { WebApp } from '../../../drivers/web-app.ts'
import type { Identity } from '../admission/identity.ts'
import type { Services } from '../services.ts'
import { chunksOf } from './upload.ts'

/** Little is gained by more, and it is the sandbox's own time. */
const GZIP_LEVEL = 3

/** The whole sandbox as one file, and such a file in the place of all its files. */
export function addExportRoutes(
  app: WebApp,
  { identity, services }: { identity: Identity; services: Pick<Services, 'files' | 'terminals'> },
): void {
  const { files, terminals } = services

  app.get(EXPORT_ADDRESS, { exposeHeadRoute: false }, async (_request, reply) => {
    const { name, template, env } = identity.claimed
    const manifest: ExportManifest = { format: 1, name, template, env }
    const place = await files.root.real('')
    const { stream } = packTree([{ place, name: EXPORT_FOLDER }], {
      first: { name: EXPORT_MANIFEST, text: `${JSON.stringify(manifest, null, 2)}\n` },
    })
    const packed = createGzip({ level: GZIP_LEVEL })
    stream.once('error', (error) => packed.destroy(error))
    reply.raw.once('close', () => {
      stream.destroy()
      packed.destroy()
    })
    return reply.type('application/gzip').send(stream.pipe(packed))
  })

  void app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    uploads.put(IMPORT_ADDRESS, { schema: { response: { 200: UnpackedView } } }, async (request) => {
      const root = await files.root.real('')
      const content = await newContentFolder(root)
      try {
        const inside = new ProjectRoot(content)
        const bytes = new ProjectBytes(inside, content)
        const done = await unpackTree(unzipped(chunksOf(request.raw)), { root: inside, bytes, placeOf })
        terminals.stopApp()
        await replaceContent(root, content)
        await terminals.startApp()
        return done
      } catch (error) {
        await drain(request.raw)
        await removeTree(content)
        if (error instanceof OmegaError) throw error
        throw new OmegaError(
          'INVALID_REQUEST',
          `This is no whole export of a sandbox (${String(error)}). Nothing was changed.`,
        )
      }
    })
  })
}

function unzipped(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const unzip = createGunzip()
  const source = Readable.from(chunks)
  source.once('error', (error) => unzip.destroy(error))
  return source.pipe(unzip)
}

function placeOf(name: string): string | undefined {
  if (name === EXPORT_MANIFEST) return undefined
  if (name === EXPORT_FOLDER) return ''
  if (name.startsWith(`${EXPORT_FOLDER}/`)) return name.slice(EXPORT_FOLDER.length + 1)
  throw new OmegaError(
    'INVALID_REQUEST',
    `There is ${JSON.stringify(name)} in it, which no export holds. Nothing was changed.`,
  )
}
