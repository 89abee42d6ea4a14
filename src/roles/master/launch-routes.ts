import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { OmegaError } from '../../core/errors.ts'
import type { Launch, LaunchStore } from '../../core/launch.ts'
import { bearerOf, hashToken } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'
import type { WebApp } from '../../drivers/web-app.ts'

export interface LaunchRouteParts {
  launches: LaunchStore
  /** The images a host needs, as `docker load` takes them. */
  images: () => Promise<Readable>
  log: Logger
}

const STEP_LENGTH = 300

/** For machines on their way into the fleet, who come with the one-use token of their launch. */
export function registerLaunchRoutes(app: WebApp, { launches, images, log }: LaunchRouteParts): void {
  const told = async (request: FastifyRequest, step: string): Promise<Launch> => {
    const token = bearerOf(request.headers.authorization)
    const launch = token === undefined ? undefined : await launches.report(hashToken(token), step)
    if (!launch) throw new OmegaError('UNAUTHENTICATED', 'The token is not that of a launch, or was used already.')
    log.info({ launch: launch.id, step }, 'scaling: a machine on its way')
    return launch
  }

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
  )
  app.post(
    '/v1/launch',
    {
      schema: {
        summary: 'Tell how far the boot of a host is',
        tags: ['managers'],
        consumes: ['application/x-www-form-urlencoded'],
        body: Type.Object({ step: Type.String() }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await told(request, request.body.step.slice(0, STEP_LENGTH))
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/launch/images',
    { schema: { summary: 'The images a host needs, as `docker load` takes them', tags: ['managers'] } },
    async (request, reply) => {
      await told(request, 'loading images')
      return reply.type('application/x-tar').send(await images())
    },
  )
}
