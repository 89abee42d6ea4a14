import { join } from 'node:path'
import { absoluteName, parseAbsoluteName } from '../../core/dns/domain-name.ts'
import type { RecordStore } from '../../core/dns/record-store.ts'
import { type NameServer, Zone } from '../../core/dns/zone.ts'
import { OmegaError } from '../../core/errors.ts'
import type { RunningRole } from '../../core/role.ts'
import { DnsListener } from '../../drivers/dns-listener.ts'
import type { Logger } from '../../drivers/log.ts'
import { EmbeddedRecordStore } from '../../drivers/record-store-embedded.ts'
import { RedisRecordStore } from '../../drivers/record-store-redis.ts'
import { connectRedis } from '../../drivers/redis/connection.ts'
import { ReleaseStack } from '../../drivers/release-stack.ts'
import { createWebApp } from '../../drivers/web-app.ts'
import { addRoutes } from './app.ts'
import { createMetrics } from './metrics.ts'
import { RecordWriter } from './record-writer.ts'
import { Responder } from './responder.ts'

export interface DnsConfig {
  /** The zone, absolute, without the last dot. */
  domain: string
  /** Where queries are answered; several are separated by commas. */
  dnsAddress: string
  /** 0 takes a port that is free for both UDP and TCP. */
  dnsPort: number
  httpAddress: string
  httpPort: number
  /** Bearer token of the HTTP API. */
  token: string
  /** Where the records are kept when there is no Redis. */
  dataDir: string
  redis?: string
  /** Name of the fleet, with which all keys in Redis begin. */
  fleet: string
  /** Of the zone's NS records; names are absolute. None: `ns1.DOMAIN` at `dnsAddress`. */
  nameServers: NameServer[]
  /** Seconds for which a resolver may remember that a name does not exist; the sandboxes' records have the same. */
  ttl: number
  log: Logger
}

/** Largest body: a batch of 1000 sets of usual size. */
const bodyLimit = 1024 * 1024

/** Starts an authoritative DNS server for one zone, and the HTTP API for its records. */
export async function start(config: DnsConfig): Promise<RunningRole & { dnsPort: number }> {
  const { log } = config
  const addresses = config.dnsAddress.split(',').map((address) => address.trim())
  const domain = checkDomain(config.domain)
  const zone = new Zone({ domain, minimum: config.ttl, nameServers: nameServersOf(config, domain, addresses) })
  const opened = new ReleaseStack()
  try {
    const store = await openStore(config, domain, opened)
    opened.add(store.watch(zone), (unwatch) => unwatch())
    const responder = new Responder(zone, log)
    const writer = new RecordWriter(zone, store)

    const metrics = createMetrics(zone, responder, writer)
    const app = opened.add(createWebApp({ log, bodyLimit, metrics, ready: () => writable(store) }), (it) => it.close())
    addRoutes(app, { zone, store, writer, token: config.token })

    const listener = await DnsListener.open({
      addresses,
      port: config.dnsPort,
      respond: (message, transport) => responder.respond(message, transport),
      onError: (error) => log.error({ err: error }, 'a DNS socket failed'),
    })
    opened.add(listener, (it) => it.close())
    const url = await app.listen({ host: config.httpAddress, port: config.httpPort })
    log.info({ zone: domain, addresses, dnsPort: listener.port, url, serial: store.list().serial }, 'dns is up')
    return { url, dnsPort: listener.port, close: () => opened.close() }
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function openStore(config: DnsConfig, domain: string, opened: ReleaseStack): Promise<RecordStore> {
  if (!config.redis) {
    const store = await EmbeddedRecordStore.open(join(config.dataDir, 'dns', domain))
    return opened.add(store, (it) => it.close())
  }
  const client = opened.add(connectRedis(config.redis, config.log), (it) => it.disconnect())
  const store = await RedisRecordStore.open(client, config.fleet, domain)
  return opened.add(store, (it) => it.close())
}

async function writable(store: RecordStore): Promise<void> {
  try {
    await store.ping()
  } catch (error) {
    const reason = error instanceof OmegaError ? error.message : String(error)
    const detail = `Queries are answered from memory, updates are not taken: ${reason}`
    throw new OmegaError('NOT_READY', detail, { queries: true, updates: false })
  }
}

function checkDomain(text: string): string {
  const domain = parseAbsoluteName(text.endsWith('.') ? text : `${text}.`)
  if (domain) return domain
  throw new OmegaError(
    'INVALID_NAME',
    `${JSON.stringify(text)} cannot be a zone. A zone is a domain name, such as omega.example.`,
  )
}

function nameServersOf(config: DnsConfig, domain: string, addresses: readonly string[]): NameServer[] {
  if (config.nameServers.length > 0) {
    return config.nameServers.map(({ name, addresses }) => ({ name: checkDomain(name), addresses }))
  }
  // An address that stands for all of a machine's tells an asker nothing.
  const usable = addresses.filter((address) => address !== '0.0.0.0' && address !== '::')
  return [{ name: absoluteName('ns1', domain), addresses: usable.length > 0 ? usable : ['127.0.0.1'] }]
}
