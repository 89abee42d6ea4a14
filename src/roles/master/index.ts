import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningRole } from '../../core/role.ts'
import { derive } from '../../drivers/credentials.ts'
import { DnsClient } from '../../drivers/dns-client.ts'
import { openFleetStore, openLaunchStore } from '../../drivers/fleet-store.ts'
import type { Logger } from '../../drivers/log.ts'
import { ManagerClient } from '../../drivers/manager-client.ts'
import { packageRoot, version } from '../../drivers/package-root.ts'
import { ReleaseStack } from '../../drivers/release-stack.ts'
import { TemplateCatalog } from '../../drivers/template-catalog.ts'
import { WebhookSender, type WebhookTarget } from '../../drivers/webhook-sender.ts'
import { callWorker } from '../../drivers/worker-client.ts'
import { Access } from './access.ts'
import { createApp } from './app.ts'
import { Evacuation } from './evacuation.ts'
import { FeedWatch } from './feed-watch.ts'
import { FleetScaler } from './fleet-scaler.ts'
import { Lifecycle } from './lifecycle.ts'
import { ManagerAccess } from './manager-access.ts'
import { createMetrics } from './metrics.ts'
import { Moves } from './moves.ts'
import { type Pace, usualPace } from './pace.ts'
import { PlacementQueue } from './placement-queue.ts'
import { PublishedNames } from './published-names.ts'
import { Reconciler } from './reconciler.ts'
import { type ScalingConfig, usualScalingPace } from './scaling-config.ts'
import { SettingsAccess } from './settings-access.ts'
import { States } from './states.ts'
import { Stories } from './stories.ts'
import { WebhookDelivery } from './webhook-delivery.ts'

export interface MasterConfig {
  listen: string
  port: number
  /** The zone below which sandboxes live. */
  domain: string
  /** How browsers reach this master, e.g. `http://omega.localhost:8080`; made from domain and port if absent. */
  publicUrl?: string
  dataDir: string
  redis?: string
  fleet: string
  secret: string
  /** The dns role's HTTP API; without it the zone is kept by other means. */
  dnsUrl?: string
  /** Seconds that resolvers may keep a sandbox's address. */
  ttl: number
  /** How many sandboxes the fleet may have; as many as its hosts hold if absent. */
  maxSandboxes?: number
  /** Where events are sent to. */
  webhooks?: readonly WebhookTarget[]
  /** The images a host needs, as `docker load` takes them. */
  images?: () => Promise<Readable>
  /** How the fleet gets hosts by itself; absent where they are the operator's business. */
  scaling?: ScalingConfig
  /** What differs from the usual pace. */
  pace?: Partial<Pace>
  log: Logger
}

export interface RunningMaster extends RunningRole {
  publicUrl: string
  /** A link that signs a browser in to the dashboard. */
  signInUrl(): string
}

/** Starts the control plane: API, dashboard, placement, reconciler. */
export async function start(config: MasterConfig): Promise<RunningMaster> {
  const { domain, secret, fleet, log } = config
  const release = new ReleaseStack()
  try {
    const keeping = { dataDir: config.dataDir, fleet, log, ...(config.redis ? { redis: config.redis } : {}) }
    const store = release.add(await openFleetStore(keeping), (it) => it.close())
    const launches = config.scaling && release.add(await openLaunchStore(keeping), (it) => it.close())
    const scalingPace = { ...usualScalingPace, ...config.scaling?.pace }
    const line = launches && new PlacementQueue({ store, launches, waitMs: scalingPace.waitMs, now: Date.now })
    const templates = new TemplateCatalog(join(packageRoot, 'templates'))
    const pace = { ...usualPace, ...config.pace }
    const names = config.dnsUrl
      ? new PublishedNames(new DnsClient(config.dnsUrl, derive(secret, 'dns')), domain, config.ttl, pace.suspectMs)
      : undefined
    if (!names) log.warn('no --dns-url: sandboxes get no address record from this master')
    const publicUrl = { value: config.publicUrl ?? `http://${domain}:${config.port}` }
    const managers = new ManagerClient(secret)
    const stories = new Stories(store, log)
    const states = new States({ store, managers, stories })
    const lifecycle = new Lifecycle({
      ...{ store, managers, states, stories },
      names,
      templates,
      secret,
      domain,
      masterUrl: () => publicUrl.value,
      ...(line && { line }),
      limits: config.maxSandboxes === undefined ? {} : { maxSandboxes: config.maxSandboxes },
      log,
      now: Date.now,
    })
    const moves = new Moves({ store, managers, lifecycle, states, stories, names, log, now: Date.now })
    const evacuation = release.add(new Evacuation({ store, moves, log, now: Date.now }), (it) => it.settled())
    const access = new Access(derive(secret, 'api'), [domain, new URL(publicUrl.value).hostname, config.listen])
    const scaling = launches && config.scaling && { launches, provider: config.scaling.provider }
    const managerAccess = new ManagerAccess({ secret, log, ...(scaling && { scaling }) })
    const metrics = createMetrics(store, launches)
    const feedWatch = new FeedWatch(store)
    const app = await createApp({
      access,
      managerAccess,
      ...(launches && { launches }),
      ...(config.images && {
        launchRoutes: { ...(launches && { launches }), secret, images: config.images, log },
      }),
      settingsAccess: new SettingsAccess(derive(secret, 'settings'), domain),
      lifecycle,
      moves,
      evacuation,
      states,
      stories,
      managers,
      store,
      feedWatch,
      webhooks: config.webhooks ?? [],
      templates,
      secret,
      domain,
      version,
      callWorker,
      pages: join(packageRoot, 'dist/web/dashboard'),
      metrics: metrics.registry,
      observeCreate: metrics.observeCreate,
      log,
    })
    release.add(app, (app) => app.close())
    await app.listen({ host: config.listen, port: config.port })
    const { port } = app.server.address() as { port: number }
    if (!config.publicUrl) publicUrl.value = `http://${domain}:${port}`
    const reconciler = release.add(
      new Reconciler({
        ...{ store, managers, lifecycle, states, stories, names, pace, log },
        moves,
        holder: randomUUID(),
        now: Date.now,
      }),
      (it) => it.stop(),
    )
    reconciler.start()
    if (launches && config.scaling) {
      const { scaling: wanted } = config
      const scaler = new FleetScaler({
        ...wanted,
        pace: scalingPace,
        ...{ store, launches, lifecycle, evacuation, secret, log, holder: randomUUID(), now: Date.now },
        observe: metrics.observeScaling,
        masterUrl: () => wanted.masterUrl ?? publicUrl.value,
      })
      release.add(scaler, (it) => it.stop()).start()
    }
    const sender = new WebhookSender(secret, version)
    for (const target of config.webhooks ?? []) {
      const delivery = new WebhookDelivery(target, {
        store,
        feedWatch,
        send: (url, message, now, signal) => sender.send(url, message, now, signal),
        observe: metrics.observeWebhook,
        log,
        now: Date.now,
        random: Math.random,
        pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
        holder: randomUUID(),
      })
      release.add(delivery, (it) => it.stop())
      delivery.start()
    }
    const reachable = config.listen === '0.0.0.0' || config.listen === '::' ? '127.0.0.1' : config.listen
    return {
      url: `http://${reachable}:${port}`,
      publicUrl: publicUrl.value,
      signInUrl: () => `${publicUrl.value}/signin?token=${access.signInTicket()}`,
      close: () => release.close(),
    }
  } catch (error) {
    await release.close().catch(() => {})
    throw error
  }
}
