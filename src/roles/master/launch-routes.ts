import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { OmegaError } from '../../core/errors.ts'
import type { LaunchStore } from '../../core/launch.ts'
import { bearerOf, derive, hashToken, sameSecret } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import { isLaunchToken } from './launch-token.ts'

export interface LaunchRouteParts {
  /** Where the fleet gets hosts by itself. */
  launches?: LaunchStore
  secret: string
  /** The images a host needs, as `docker load` takes them. */
  images: () => Promise<Readable>
  log: Logger
}

const STEP_LENGTH = 300

/**
 * For machines on their way into the fleet, who come with the one-use token of their launch; those that somebody else
 * started have the fleet's join token, and those whose image is being made a token for images only.
 */
export function registerLaunchRoutes(app: WebApp, { launches, secret, images, log }: LaunchRouteParts): void {
  const lasting = (['join', 'images'] as const).map((purpose) => derive(secret, purpose))
  const told = async ({ headers, ip }: FastifyRequest, step: string): Promise<void> => {
    const token = bearerOf(headers.authorization) ?? ''
    if (lasting.some((each) => sameSecret(token, each))) return log.info({ from: ip, step }, 'a machine on its way')
    const launch = isLaunchToken(secret, token) ? await launches?.report(hashToken(token), step) : undefined
    if (!launch) throw new OmegaError('UNAUTHENTICATED', 'The token is not that of a launch, or was used already.')
    log.info({ launch: launch.id, step }, 'scaling: a machine on its way')
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
