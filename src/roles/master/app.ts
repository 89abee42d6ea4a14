import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastifySwagger from '@fastify/swagger'
import type { Registry } from 'prom-client'
import { errorTable } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { LaunchStore } from '../../core/launch.ts'
import type { Template } from '../../core/template.ts'
import { TemplateList } from '../../core/wire/http.ts'
import { inlineScriptSources } from '../../drivers/inline-scripts.ts'
import type { Logger } from '../../drivers/log.ts'
import { createWebApp, type WebApp } from '../../drivers/web-app.ts'
import type { Access } from './access.ts'
import { archiveRoutes, registerArchiveRoutes } from './archive-routes.ts'
import { registerCommandRoutes } from './command-routes.ts'
import type { Evacuation } from './evacuation.ts'
import { type EventParts, registerEventRoutes } from './event-routes.ts'
import { registerFleetRoutes } from './fleet-routes.ts'
import { type ManagerParts, registerHostRoutes, registerManagerRoutes } from './host-routes.ts'
import { type LaunchRouteParts, registerLaunchRoutes } from './launch-routes.ts'
import { registerLifeRoutes } from './life-routes.ts'
import type { Lifecycle } from './lifecycle.ts'
import { registerMoveRoutes } from './move-routes.ts'
import type { Moves } from './moves.ts'
import { registerSandboxRoutes, type SandboxParts } from './sandbox-routes.ts'
import { registerSessionRoutes } from './session-routes.ts'
import type { SettingsAccess } from './settings-access.ts'
import { registerSettingsRoutes } from './settings-routes.ts'
import { registerSetupRoutes } from './setup-routes.ts'
import { registerShareRoutes } from './share-routes.ts'
import { registerSnapshotRoutes, type SnapshotParts } from './snapshot-routes.ts'
import { registerWebhookRoutes, type WebhookRouteParts } from './webhook-routes.ts'

export interface AppParts extends SandboxParts, EventParts, ManagerParts, SnapshotParts, WebhookRouteParts {
  access: Access
  settingsAccess: SettingsAccess
  moves: Moves
  evacuation: Evacuation
  lifecycle: Lifecycle
  store: FleetStore
  templates: { list(): Promise<Template[]> }
  secret: string
  version: string
  /** Folder of the built dashboard. */
  pages: string
  metrics: Registry
  /** Where the fleet gets hosts by itself. */
  launches?: LaunchStore
  launchRoutes?: LaunchRouteParts
  log: Logger
}

/** The master's HTTP side: who may come in, then the list of its routes. */
export async function createApp(parts: AppParts): Promise<WebApp> {
  const { access, store } = parts
  const app = createWebApp({
    log: parts.log,
    metrics: parts.metrics,
    ready: () => store.ping(),
    longBodies: archiveRoutes,
  })

  app.addHook('onRequest', async (request) => {
    if (!['/healthz', '/readyz', '/metrics'].includes(request.url)) access.checkHost(request)
  })

  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'omega', version: parts.version, description: 'Sandboxes with an IDE, on your own machines.' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transformObject: (document) => withProblems('openapiObject' in document ? document.openapiObject : {}),
  })
  const { default: fastifySwaggerUi } = await import('@fastify/swagger-ui')
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Its own policy lets pages of this origin frame it, and sends browsers to HTTPS, which need not be there.
    transformStaticCSP: (policy) =>
      policy
        .replace(/upgrade-insecure-requests;?|block-all-mixed-content;?/g, '')
        .replace(/frame-ancestors [^;]*/, "frame-ancestors 'none'"),
  })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())

  registerSessionRoutes(app, parts)
  registerSettingsRoutes(app, parts)
  await app.register(async (operators) => {
    operators.addHook('onRequest', async (request) => access.checkOperator(request))
    operators.get(
      '/v1/templates',
      { schema: { summary: 'List templates', tags: ['templates'], response: { 200: TemplateList } } },
      async () => ({ templates: await parts.templates.list() }),
    )
    registerSandboxRoutes(operators as WebApp, parts)
    registerCommandRoutes(operators as WebApp, parts)
    registerArchiveRoutes(operators as WebApp, parts)
    registerSetupRoutes(operators as WebApp, parts)
    registerLifeRoutes(operators as WebApp, parts)
    registerSnapshotRoutes(operators as WebApp, parts)
    registerMoveRoutes(operators as WebApp, parts)
    registerShareRoutes(operators as WebApp, parts)
    registerEventRoutes(operators as WebApp, parts)
    registerWebhookRoutes(operators as WebApp, parts)
    registerHostRoutes(operators as WebApp, store)
    registerFleetRoutes(operators as WebApp, store, parts.launches)
  })
  await app.register(async (managers) => {
    // Who may not speak for any host is told so before anything is read.
    managers.addHook('onRequest', async (request) => access.checkBearer(request))
    registerManagerRoutes(managers as WebApp, parts)
    if (parts.launchRoutes) registerLaunchRoutes(managers as WebApp, parts.launchRoutes)
  })
  await registerDashboard(app, parts.pages)
  return app
}

/** What the dashboard may load: itself. Its style is in the page, as is the icon. */
const pagePolicy = (scripts: readonly string[]) =>
  [
    "default-src 'none'",
    ['script-src', "'self'", ...scripts].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Every operation may answer with a problem document; said here once. */
function withProblems<Api extends { paths?: object }>(api: Api): Api {
  const problem = {
    description:
      'A problem document (RFC 9457). `code` is stable; `detail` says what was found, what is allowed, what to do.',
    content: {
      'application/problem+json': {
        schema: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: { type: 'string', enum: Object.keys(errorTable) },
          },
        },
      },
    },
  }
  for (const operations of Object.values(api.paths ?? {})) {
    for (const operation of Object.values(operations) as { responses?: object }[]) {
      operation.responses = { ...operation.responses, default: problem }
    }
  }
  return api
}

async function registerDashboard(app: WebApp, pages: string): Promise<void> {
  if (!existsSync(join(pages, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, () => 'The dashboard is not built. Run `npm run build`.')
    return
  }
  const policy = pagePolicy(inlineScriptSources(pages))
  await app.register(fastifyStatic, {
    root: pages,
    preCompressed: true,
    cacheControl: false,
    setHeaders(response, path) {
      response.setHeader(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
      response.setHeader('content-security-policy', policy)
    },
  })
}
