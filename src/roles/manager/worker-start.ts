import type { ContainerEngine, ContainerSpec, EngineContainer, Limits, Timings } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { hashToken } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'
import type { SandboxSecrets } from '../../drivers/sandbox-secrets.ts'
import { isHealthy } from './worker-client.ts'

export interface StartOptions {
  engine: ContainerEngine
  secrets: SandboxSecrets
  limits: Limits
  log: Logger
  healthyWithinMs: number
}

/** A container whose worker answers, and how long its phases took. */
export interface Started {
  container: EngineContainer
  timings: Timings
}

/** How often a container that does not answer yet is checked for having ended. */
const INSPECT_EVERY_MS = 150

/**
 * Makes a container that is nobody's, of a template or of another container's files, and waits until its worker
 * answers. What fails is undone.
 */
export async function startWorker(
  key: string,
  template: string,
  domain: string,
  source: string | undefined,
  signal: AbortSignal,
  options: StartOptions,
): Promise<Started> {
  const { engine, secrets, limits, log } = options
  signal.throwIfAborted()
  const spec: ContainerSpec = { key, template, domain, claimHash: hashToken(secrets.claimKey(key)), limits }
  const { container, timings } = source === undefined ? await engine.start(spec) : await engine.copy(source, spec)
  try {
    const begun = performance.now()
    const answering = await untilHealthy(container, false, signal, options)
    return { container: answering, timings: { ...timings, healthy: performance.now() - begun } }
  } catch (error) {
    // The manager's next look removes it if this does not.
    await engine.remove(key).catch((err) => log.error({ key, err }, 'what was left half made could not be removed'))
    throw signal.aborted ? signal.reason : error
  }
}

/**
 * Resolves with the container when its worker answers; CREATE_FAILED with its last words if it ended or is late.
 * `served`: it did before, so that one that ended may be on its way back.
 */
export async function untilHealthy(
  container: EngineContainer,
  served: boolean,
  signal: AbortSignal,
  { engine, healthyWithinMs }: Pick<StartOptions, 'engine' | 'healthyWithinMs'>,
): Promise<EngineContainer> {
  const begun = performance.now()
  let inspected = begun
  let now: EngineContainer = container
  for (;;) {
    if (now.at && (await isHealthy(now.at, signal))) return now
    signal.throwIfAborted()
    const at = performance.now()
    if (at - inspected >= INSPECT_EVERY_MS) {
      inspected = at
      const found = await engine.inspect(container.key)
      // A new worker that ends will end again.
      const ended =
        !found || found.state === 'stopped' || (!served && (found.state !== 'running' || found.restarts > 0))
      if (ended) throw await failure('The worker ended before it answered.', container.key, engine)
      now = found
    }
    if (at - begun > healthyWithinMs) {
      throw await failure(`The worker did not answer within ${healthyWithinMs / 1000} s.`, container.key, engine)
    }
    // Most of a start is over in the first second; after that there is no hurry.
    await new Promise((resolve) => setTimeout(resolve, at - begun < 1_000 ? 5 : 50))
  }
}

/** The last lines of its log say why; they are the operator's own image, no secret is in them. */
async function failure(what: string, key: string, engine: ContainerEngine): Promise<OmegaError> {
  const log = await engine.logs(key, 20).catch(() => '')
  return new OmegaError('CREATE_FAILED', `${what} It wrote: ${log.trim().slice(-1_000) || '(nothing)'}`)
}
