import { Cluster, Redis } from 'ioredis'
import { OmegaError } from '../../core/errors.ts'
import type { Logger } from '../log.ts'

/** A command that got no answer in this time is given up; it may still have happened, which every script allows for. */
const COMMAND_TIMEOUT_MS = 2_000
/** A connection on which an answer is due for so long is given up, too: its server may be frozen, and another one the master. */
const SOCKET_TIMEOUT_MS = 6_000

/**
 * A client of one Redis (`redis://`, `rediss://`, paths of sockets as ioredis takes them), of whichever one Sentinels say
 * is the master (`redis+sentinel://[:PASSWORD@]HOST:PORT,HOST:PORT/NAME`), or of a Cluster
 * (`redis+cluster://[:PASSWORD@]HOST:PORT,HOST:PORT`; a fleet's keys are in one slot). It connects on its own, for ever, at most two seconds apart; meanwhile commands fail soon instead of queueing without end. A server that has
 * become a replica (READONLY) is left for the one the address leads to now.
 */
export function connectRedis(url: string, log: Logger): Redis {
  const client = clientOf(url)
  let isAway = false
  client.on('error', (error: NodeJS.ErrnoException) => {
    if (isAway) return
    isAway = true
    log.warn({ redis: redacted(url), reason: error.code ?? error.message }, 'Redis does not answer; trying on')
  })
  client.on('ready', () => {
    if (isAway) log.info({ redis: redacted(url) }, 'Redis answers again')
    isAway = false
  })
  // ioredis 5.11 leaves the clock of a connection that closed running, and ends the next one by it.
  client.on('close', () => {
    const clock = client as unknown as { socketTimeoutTimer?: NodeJS.Timeout | undefined }
    clearTimeout(clock.socketTimeoutTimer)
    clock.socketTimeoutTimer = undefined
  })
  return client
}

const retryStrategy = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000)

const options = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  maxRetriesPerRequest: 1,
  retryStrategy,
  reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (2 as const) : false),
}

function clientOf(url: string): Redis {
  const [, kind, password, places = '', name = ''] = SEVERAL.exec(url) ?? []
  if (kind === undefined) return new Redis(url, options)
  const nodes = places.split(',').map((place) => {
    const [host = '', port = kind === 'sentinel' ? '26379' : '6379'] = place.split(':')
    return { host, port: Number(port) }
  })
  const secret = password === undefined ? {} : { password: decodeURIComponent(password) }
  if (kind === 'sentinel') {
    // A master that only stopped answering is not told from one that is slow: the Sentinels' word counts at once.
    const sentinel = {
      sentinels: nodes,
      name: name || 'mymaster',
      failoverDetector: true,
      sentinelRetryStrategy: retryStrategy,
    }
    return new Redis({ ...options, ...sentinel, ...secret })
  }
  // Its commands are those of one Redis; only the connection below is of another kind.
  return new Cluster(nodes, {
    clusterRetryStrategy: retryStrategy,
    redisOptions: { ...options, ...secret },
  }) as unknown as Redis
}

const SEVERAL = /^redis\+(sentinel|cluster):\/\/(?::([^@]*)@)?([^/]+)(?:\/([^/]+))?\/?$/

/** So many commands leave together; more would let Redis wait for us instead of working meanwhile. */
const GATHERED_AT_MOST = 16

/** Streams that hold their writes back until the end of this turn of the event loop, and how many commands they hold. */
const gathering = new WeakMap<Redis['stream'], number>()

/**
 * Call before a command: the commands of one turn of the event loop leave in few writes. That saves both sides most of
 * their system calls under load, costs an idle connection nothing, and is half the work of ioredis' own autopipelining.
 */
export function gatherWrites(client: Redis): void {
  if (client.status !== 'ready') return
  const stream = client.stream as Redis['stream'] | undefined
  // A Cluster has several.
  if (!stream) return
  const held = gathering.get(stream)
  if (held === undefined) {
    stream.cork()
    process.nextTick(() => {
      gathering.delete(stream)
      stream.uncork()
    })
  } else if (held % GATHERED_AT_MOST === 0) {
    stream.uncork()
    stream.cork()
  }
  gathering.set(stream, (held ?? 0) + 1)
}

/** Waits for `work`; whatever Redis or the way to it fails with becomes STORE_UNAVAILABLE. */
export async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof OmegaError) throw error
    throw new OmegaError(
      'STORE_UNAVAILABLE',
      `Redis did not do what was asked (${(error as Error).message}). Check that the server of --redis runs, is not full and may be written; nothing more is needed once it answers.`,
    )
  }
}

/** Answers when Redis can be written: not while it loads, is a replica, or refuses writes for want of disk or replicas. */
export async function ping(client: Redis, key: string): Promise<void> {
  await answered(client.set(key, '1', 'PX', 60_000))
}

/** The address without its password. */
function redacted(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}
