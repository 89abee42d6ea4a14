import type { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { dirname, join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import type { FastifyServerFactory, RawServerDefault } from 'fastify'
import type { WebSocket } from 'ws'
import { OmegaError } from '../../core/errors.ts'
import { isLocalPath, parseHost } from '../../core/host-name.ts'
import { MAX_MESSAGE_BYTES } from '../../core/wire/frames.ts'
import { PreviewLink, PreviewLinkRequest } from '../../core/wire/preview-link.ts'
import { Claim } from '../../core/wire/worker.ts'
import { frameKey } from '../../drivers/credentials.ts'
import { inlineScriptSources } from '../../drivers/inline-scripts.ts'
import type { Logger } from '../../drivers/log.ts'
import { createWebApp, type WebApp } from '../../drivers/web-app.ts'
import { countRequests } from './activity/counted-requests.ts'
import { type ActivityRoutesOptions, addActivityRoutes } from './activity/routes.ts'
import type { Gate } from './admission/gate.ts'
import type { Identity } from './admission/identity.ts'
import type { Guest } from './admission/visitor.ts'
import { type CommandRoutesOptions, registerCommandRoutes } from './command-routes.ts'
import { addExportRoutes } from './files/export-routes.ts'
import { addFileRoutes } from './files/routes.ts'
import { addTarRoutes } from './files/tar-routes.ts'
import { registerShareRoutes, type ShareRoutesOptions } from './people/share-routes.ts'
import { guardHeaders } from './problem-answer.ts'
import type { Services } from './services.ts'

/** A claim carries the sandbox's environment, a command its arguments. */
const BODY_LIMIT = 2 * 1024 * 1024

/**
 * Of messages (RFC 7692): texts of files and answers of language servers shrink to a tenth. Keys and their echoes are too
 * small to gain, and no window is kept between messages, so that an idle page costs no memory.
 */
const compression = {
  threshold: 4 * 1024,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  zlibDeflateOptions: { level: 3 },
}

export interface AppOptions
  extends Pick<ShareRoutesOptions, 'shares' | 'pagesBy'>,
    CommandRoutesOptions,
    Omit<ActivityRoutesOptions, 'gate'> {
  identity: Identity
  gate: Gate
  services: Pick<Services, 'files' | 'bytes' | 'ignoreRules' | 'terminals'>
  onClaimed: () => void
  /** Folder of the built page. */
  pageDir: string
  serverFactory: FastifyServerFactory<RawServerDefault>
  /** Emits `upgrade` for the upgrades the gate has let through to us. */
  upgrades: EventEmitter
  /** A page is connected. */
  onSocket: (socket: WebSocket, guest: Guest) => void
  log: Logger
}

/** The routes of the worker's own; everything that comes here has passed the gate. */
export async function createApp(options: AppOptions): Promise<WebApp> {
  const { identity, gate, services, log, serverFactory } = options
  const ready = async () => void identity.claimed
  const app = createWebApp({ log, ready, bodyLimit: BODY_LIMIT, serverFactory })
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(guardHeaders)) if (!reply.hasHeader(name)) reply.header(name, value)
  })

  await app.register(fastifyWebsocket, {
    options: { server: options.upgrades as Server, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: compression },
  })
  countRequests(app, options.activity)
  app.route<{ Querystring: { wake?: string } }>({
    method: 'GET',
    url: '/_omega/ws',
    // Without an upgrade: a page asks whether it is still let in.
    handler: (_request, reply) => reply.code(204).send(),
    wsHandler: (socket, request) => {
      // A page was loaded, or its person did something to wake the sandbox; pages that come back by themselves do not say so.
      if (request.query.wake === '1') options.activity.note('visit')
      options.onSocket(socket, gate.guestOf(request.raw))
    },
  })
  registerShareRoutes(app, options)
  addActivityRoutes(app, options)

  app.post('/_omega/claim', { schema: { body: Claim } }, (request) => {
    if (request.headers.origin !== undefined) throw new OmegaError('FORBIDDEN', 'Only a manager claims a worker.')
    if (identity.accept(request.body)) options.onClaimed()
    return {}
  })

  app.post(
    '/_omega/preview-link',
    { schema: { body: PreviewLinkRequest, response: { 200: PreviewLink } } },
    (request) => {
      const { port, path = '/', use = 'tab' } = request.body
      if (!isLocalPath(path)) throw new OmegaError('INVALID_REQUEST', 'The path must begin with one slash.')
      const { claimed } = identity
      const [guest, host] = [gate.guestOf(request.raw), parseHost(request.headers.host ?? '', claimed)]
      const url = gate.previewLink(request.raw, claimed, host, port, path, guest, use)
      return use === 'frame' ? { url, key: frameKey(claimed.token, new URL(url).hostname) } : { url }
    },
  )

  registerCommandRoutes(app, options)
  addFileRoutes(app, services)
  addTarRoutes(app, services)
  addExportRoutes(app, options)
  await servePage(app, options)
  return app
}

/** The IDE page as it was built: hashed files for ever, index.html asked for each time. */
async function servePage(app: WebApp, { pageDir, identity }: AppOptions): Promise<void> {
  if (!existsSync(join(pageDir, 'index.html'))) {
    app.get('/', (_request, reply) =>
      reply
        .type('text/plain; charset=utf-8')
        .send('The sandbox runs, but its IDE page was not built. Run `npm run build`, then reload.\n'),
    )
    return
  }
  const assets = join(pageDir, 'assets')
  const scripts = inlineScriptSources(pageDir)
  await app.register(fastifyStatic, {
    root: pageDir,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (response, path) => {
      const hashed = dirname(path) === assets || path.startsWith(assets + sep)
      response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      if (!hashed) response.setHeader('content-security-policy', pagePolicy(identity.claimed, scripts))
    },
  })
}

/** What the page may load and show: itself, its socket, and the previews of its own zone in frames. */
function pagePolicy({ subdomain, domain, port, masterUrl }: Claim, scripts: readonly string[]): string {
  // Named, and not every `ws:`: what runs in the page by mistake must not carry the project elsewhere.
  const sockets = ['ws', 'wss'].flatMap((scheme) => [
    `${scheme}://${subdomain}.${domain}:${port}`,
    `${scheme}://${subdomain}.${domain}`,
  ])
  const previews = ['http', 'https'].flatMap((scheme) => [`${scheme}://*.${domain}:${port}`, `${scheme}://*.${domain}`])
  return [
    "default-src 'self'",
    ['script-src', "'self'", ...scripts].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    // The person's settings are the master's.
    `connect-src 'self' ${sockets.join(' ')} ${new URL(masterUrl).origin}`,
    "worker-src 'self' blob:",
    // Of our own only PDFs let themselves be framed.
    `frame-src 'self' ${previews.join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** For a page to take its leave when the worker stops. */
const GOODBYE_MS = 500

/**
 * Stops listening and ends what is open: pages come back by themselves. Sockets that were switched to another protocol
 * are not the HTTP server's any more; they get a moment to say goodbye.
 */
export async function closeApp(app: WebApp, open: ReadonlySet<Socket>): Promise<void> {
  const timer = setTimeout(() => {
    for (const socket of open) socket.destroy()
  }, GOODBYE_MS)
  await app.close()
  clearTimeout(timer)
}
