import type {
  ContainerEngine,
  ContainerRequest,
  ContainerStatus,
  EngineContainer,
  Limits,
} from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { hashToken } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'
import type { PortRange } from '../../drivers/port-range.ts'
import { claim, isHealthy, type WorkerPlace } from './worker-client.ts'

export interface StartOptions {
  engine: ContainerEngine
  ports: PortRange
  limits: Limits
  log: Logger
  healthyWithinMs: number
}

/** Ports tried for one sandbox. The range is large and random: a handful of misses means that something else is wrong. */
const PORT_ATTEMPTS = 20
/** How often a container that does not answer yet is checked for having ended. */
const INSPECT_EVERY_MS = 150

/**
 * Brings one sandbox's container from nothing, or from wherever a killed manager left it, to claimed:
 *
 *     create, start -> healthy -> claim -> confirm
 *
 * Each step may be repeated. The mark of `confirm` comes last: a container without it was never reported as made, so
 * it can be removed or finished, whichever is asked for first. What fails is undone, unless it had been claimed before.
 */
export async function startContainer(
  request: ContainerRequest,
  signal: AbortSignal,
  options: StartOptions,
): Promise<{ status: ContainerStatus; container: EngineContainer }> {
  const { engine } = options
  const { sandboxId, subdomain, template, domain, name, token, masterUrl, env } = request
  const before = await engine.inspect(sandboxId)
  if (before && before.subdomain !== subdomain) {
    throw new OmegaError('CONFLICT', `${sandboxId} has a container here already, as ${before.subdomain}.`)
  }
  let port: number | undefined
  try {
    const started = await startOnSomePort(request, before, signal, options)
    port = started.port
    const { timings } = started
    const time = async <T>(phase: string, work: Promise<T>): Promise<T> => {
      const begun = performance.now()
      const result = await work
      timings[phase] = performance.now() - begun
      return result
    }
    const worker = { ...engine.reach({ sandboxId, port }), host: `${subdomain}.${domain}:${port}` }
    await time('healthy', untilHealthy(sandboxId, worker, before?.claimed === true, signal, options))
    const body = { sandboxId, name, subdomain, domain, template, port, token, masterUrl, env }
    await time('claim', claim(worker, body, signal))
    if (!before?.claimed) await time('confirm', engine.confirm(sandboxId))
    // Deleted between the claim and here: the delete waits for us and removes it.
    signal.throwIfAborted()
    const container: EngineContainer = { sandboxId, subdomain, template, port, state: 'running', claimed: true }
    return { status: { sandboxId, subdomain, template, port, state: 'running', timings }, container }
  } catch (error) {
    if (!before?.claimed) await undo(sandboxId, port, options)
    throw signal.aborted ? signal.reason : error
  }
}

async function startOnSomePort(
  request: ContainerRequest,
  before: EngineContainer | undefined,
  signal: AbortSignal,
  { engine, ports, limits, log }: StartOptions,
): Promise<{ port: number; timings: Record<string, number> }> {
  const { sandboxId, subdomain, template, domain, token } = request
  const claimHash = hashToken(token)
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    signal.throwIfAborted()
    const wanted = before && attempt === 0 ? before.port : ports.take()
    let kept = false
    try {
      const spec = { sandboxId, subdomain, template, port: wanted, domain, claimHash, limits }
      const answer = await engine.start(spec, before === undefined)
      if (answer.outcome === 'portTaken') {
        log.warn({ sandboxId, port: wanted }, 'the port is in use by another program; trying another one')
        // It rests now, as one that was freed does: others are tried first.
        continue
      }
      kept = answer.port === wanted
      ports.hold(answer.port)
      return { port: answer.port, timings: { ...answer.timings } }
    } finally {
      if (!kept) ports.release(wanted)
    }
  }
  throw new OmegaError(
    'CREATE_FAILED',
    `${PORT_ATTEMPTS} ports of this host's range were in use by other programs. Choose another --sandbox-ports.`,
  )
}

/** Resolves when the worker answers; CREATE_FAILED with its last words if it ended or is late. */
export async function untilHealthy(
  sandboxId: string,
  worker: WorkerPlace,
  claimed: boolean,
  signal: AbortSignal,
  { engine, healthyWithinMs }: StartOptions,
): Promise<void> {
  const begun = performance.now()
  let inspected = begun
  for (;;) {
    if (await isHealthy(worker, signal)) return
    signal.throwIfAborted()
    const now = performance.now()
    if (now - inspected >= INSPECT_EVERY_MS) {
      inspected = now
      const state = await engine.inspect(sandboxId)
      // A new worker that ends will end again; one that served before may be on its way back.
      const ended =
        !state || state.state === 'stopped' || (!claimed && (state.state !== 'running' || state.restarts > 0))
      if (ended) {
        throw await failure('The worker ended before it answered.', sandboxId, engine)
      }
    }
    if (now - begun > healthyWithinMs) {
      throw await failure(`The worker did not answer within ${healthyWithinMs / 1000} s.`, sandboxId, engine)
    }
    // Most of a start is over in the first second; after that there is no hurry.
    await new Promise((resolve) => setTimeout(resolve, now - begun < 1_000 ? 5 : 50))
  }
}

/** The last lines of its log say why; they are the operator's own image, no secret is in them. */
async function failure(what: string, sandboxId: string, engine: ContainerEngine): Promise<OmegaError> {
  const log = await engine.logs(sandboxId, 20).catch(() => '')
  return new OmegaError('CREATE_FAILED', `${what} It wrote: ${log.trim().slice(-1_000) || '(nothing)'}`)
}

async function undo(sandboxId: string, port: number | undefined, { engine, ports, log }: StartOptions): Promise<void> {
  try {
    await engine.remove(sandboxId)
    if (port !== undefined) ports.release(port)
  } catch (error) {
    log.error({ err: error, sandboxId }, 'a failed start could not be undone; it will be swept away later')
  }
}
