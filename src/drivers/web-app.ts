import type {} from '@fastify/swagger'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerFactory,
  fastify,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { type ErrorCode, OmegaError, toProblem } from '../core/errors.ts'
import type { Logger } from './log.ts'

export type WebApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface WebAppOptions {
  log: Logger
  /** Resolves when the role can do its job, with facts worth showing; rejects with the reason when it cannot. */
  ready: (() => Promise<void>) | (() => Promise<Record<string, unknown>>)
  /** Bytes of a request's body. */
  bodyLimit?: number
  metrics?: Registry
  /** Whose body may take as long as it does, by the path of their route; that route ends those that stall. */
  longBodies?: readonly string[]
  /** Makes the server when something must see requests before the application does. */
  serverFactory?: FastifyServerFactory<RawServerDefault>
}

/**
 * On every answer that does not say otherwise: shown as what it is, in no frame, told to no other site and kept nowhere.
 * A sandbox's pages are of the same site as ours, so that SameSite cookies alone do not keep them from framing us.
 */
const guardHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** From a request's first byte to its last: who is slower only holds a connection. Answers may take as long as they do. */
const REQUEST_TIMEOUT_MS = 30_000

/**
 * A fastify application with what every role has: problem documents for all errors, `/healthz` (the process answers),
 * `/readyz` (it can do its job), `/metrics` (Prometheus text format), strict validation, header and request time limits.
 */
export function createWebApp(options: WebAppOptions): WebApp {
  const { longBodies = [] } = options
  const app = fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit ?? 256 * 1024,
    forceCloseConnections: true,
    // The server knows no routes: with some that take their time, each request is timed by itself, below.
    requestTimeout: longBodies.length > 0 ? 0 : REQUEST_TIMEOUT_MS,
    connectionTimeout: 0,
    ...(options.serverFactory
      ? { serverFactory: options.serverFactory }
      : { http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16 * 1024 } }),
    routerOptions: { maxParamLength: 300, querystringParser: parseQuery },
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as WebApp
  // Bodies are taken as they are; only paths, queries and headers, which are text, are turned into numbers.
  app.setValidatorCompiler(TypeBoxValidatorCompiler)

  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(guardHeaders)) if (!reply.hasHeader(name)) reply.header(name, value)
  })

  if (longBodies.length > 0) {
    app.addHook('onRequest', async ({ raw, routeOptions }) => {
      if (longBodies.includes(routeOptions.url ?? '')) return
      const late = setTimeout(() => {
        if (!raw.complete) raw.destroy()
      }, REQUEST_TIMEOUT_MS)
      // A server that stops does not wait for it.
      late.unref()
      raw.once('close', () => clearTimeout(late))
    })
  }

  app.setErrorHandler((error, request, reply) => {
    const known = asOmegaError(error)
    const url = request.url.split('?')[0]
    if (known.code === 'INTERNAL') request.log.error({ err: error, url }, 'unexpected error')
    else if (known.status >= 500 && url !== '/readyz') request.log.warn({ url, code: known.code }, known.message)
    return reply
      .code(known.status)
      .type('application/problem+json')
      .send(JSON.stringify(toProblem(known)))
  })
  app.setNotFoundHandler((request) => {
    throw new OmegaError('NOT_FOUND', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`)
  })

  const metrics = options.metrics ?? new Registry()
  let collecting = false
  let collection: Promise<string> | undefined
  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }))
  app.get('/readyz', { schema: { hide: true } }, async () => {
    return { status: 'ready', ...(await options.ready()) }
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    if (!collecting) {
      collecting = true
      collectDefaultMetrics({ register: metrics })
    }
    // Anybody may ask, as often as they like: once at a time is enough for all.
    collection ??= metrics.metrics().finally(() => {
      collection = undefined
    })
    return reply.type(metrics.contentType).send(await collection)
  })
  return app
}

/**
 * As browsers read a query (WHATWG URL): what is no UTF-8 becomes U+FFFD, instead of staying as it was sent. A name that
 * comes more than once is a list.
 */
function parseQuery(text: string): Record<string, unknown> {
  const query: Record<string, unknown> = Object.create(null)
  const params = new URLSearchParams(text)
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name)
    query[name] = values.length === 1 ? values[0] : values
  }
  return query
}

/** Fastify's own errors in terms of our table. */
const fastifyCodes: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'INVALID_REQUEST',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'INVALID_REQUEST',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'INVALID_REQUEST',
  FST_ERR_VALIDATION: 'INVALID_REQUEST',
  FST_ERR_BAD_URL: 'INVALID_REQUEST',
}

export function asOmegaError(error: unknown): OmegaError {
  if (error instanceof OmegaError) return error
  const { code, message, validation, statusCode } = error as {
    code?: string
    message?: string
    statusCode?: number
    validation?: { instancePath?: string; message?: string }[]
  }
  const ours = fastifyCodes[code ?? '']
  if (ours === 'TOO_LARGE') return new OmegaError(ours, 'The body is larger than this address takes.')
  if (validation?.[0]) {
    const { instancePath, message: reason } = validation[0]
    return new OmegaError(
      'INVALID_REQUEST',
      `${message ?? 'The request is not valid'}. See /docs for what is allowed.`,
      {
        pointer: instancePath ?? '',
        reason,
      },
    )
  }
  if (ours || (statusCode !== undefined && statusCode >= 400 && statusCode < 500)) {
    return new OmegaError(ours ?? 'INVALID_REQUEST', `${message ?? 'The request is not valid'}.`)
  }
  return new OmegaError('INTERNAL', 'An unexpected error happened; the log of this role has the details.')
}

/** For `preValidation`: a body whose fields may all be left out may itself be left out. */
export async function mayLackBody(request: { body: unknown }): Promise<void> {
  request.body ??= {}
}
