import { lstat } from 'node:fs/promises'
import { type Static, Type } from 'typebox'
import { OmegaError } from '../../../core/errors.ts'
import { path, strict } from '../../../core/wire/operations/fields.ts'
import { destination, LEFT_OUT_TRAILER, printLeftOut, TAR_ADDRESS, UnpackedView } from '../../../core/wire/tar.ts'
import { topsOf } from '../../../drivers/project-archive.ts'
import { drain } from '../../../drivers/refused-body.ts'
import { packTree } from '../../../drivers/tree-pack.ts'
import { unpackTree } from '../../../drivers/tree-unpack.ts'
import type { WebApp } from '../../../drivers/web-app.ts'
import type { Services } from '../services.ts'
import { chunksOf, isCutOff } from './upload.ts'

const TarQuery = Type.Object({ path, without: Type.Optional(Type.Literal('ignored')) }, strict)
const PutQuery = Type.Object({ path }, strict)

/** Archives that are packed or unpacked at once. */
const MAX_ARCHIVES = 16

/** Files and folders as tar archives: what `omega sandbox cp` copies. */
export function addTarRoutes(
  app: WebApp,
  { files, bytes, ignoreRules }: Pick<Services, 'files' | 'bytes' | 'ignoreRules'>,
): void {
  let archives = 0
  const take = () => {
    if (archives >= MAX_ARCHIVES) {
      throw new OmegaError('TOO_MANY_REQUESTS', `${MAX_ARCHIVES} archives are on their way already. Wait for some.`)
    }
    archives++
    return () => void archives--
  }

  app.get<{ Querystring: Static<typeof TarQuery> }>(
    TAR_ADDRESS,
    { schema: { querystring: TarQuery }, exposeHeadRoute: false },
    async (request, reply) => {
      const { path: asked, without } = request.query
      const tops = await topsOf(files.root, [asked])
      const leaveOut = async (folder: string, names: string[]) =>
        without === 'ignored' ? ignoreRules.ignored(folder, names) : []
      const release = take()
      const { stream, leftOut } = packTree(tops, { leaveOut })
      stream.once('close', release)
      reply.raw.once('close', () => stream.destroy())
      reply.trailer(LEFT_OUT_TRAILER, async () => printLeftOut(leftOut))
      return reply.type('application/x-tar').send(stream)
    },
  )

  void app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    uploads.put<{ Querystring: Static<typeof PutQuery> }>(
      TAR_ADDRESS,
      { schema: { querystring: PutQuery, response: { 200: UnpackedView } } },
      async (request) => {
        const release = take()
        try {
          const { path: asked } = request.query
          const placeOf = onlyOne(destination(asked, await isFolder(asked)))
          return await unpackTree(chunksOf(request.raw), { root: files.root, bytes, placeOf })
        } catch (error) {
          await drain(request.raw)
          if (!isCutOff(error)) throw error
          throw new OmegaError(
            'INVALID_REQUEST',
            'The archive was cut off before its end. What had come whole is there.',
          )
        } finally {
          release()
        }
      },
    )
  })

  /** Asked for as one, or one already. */
  async function isFolder(asked: string): Promise<boolean> {
    if (asked === '' || /(?:^|\/)\.?$/.test(asked)) return true
    const look = files.root.real(asked).then(lstat)
    return look.then(
      (found) => found.isDirectory(),
      () => false,
    )
  }
}

/** Refuses what would have no name. */
function onlyOne(placeOf: (name: string) => string | undefined): (name: string) => string {
  return (name) => {
    const place = placeOf(name)
    if (place !== undefined) return place
    throw new OmegaError(
      'INVALID_REQUEST',
      'The archive holds more than one thing, which cannot all have one name. Name a folder that is there, or end the path with a slash.',
    )
  }
}
