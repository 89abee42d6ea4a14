import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { Sandbox } from '../../core/sandbox.ts'
import { SETUP_WAIT_MAX, SetupView } from '../../core/wire/setup.ts'
import { boundedText } from '../../drivers/bounded-text.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { WorkerCall } from '../../drivers/worker-client.ts'
import type { Lifecycle } from './lifecycle.ts'

export interface SetupParts {
  store: Pick<FleetStore, 'find' | 'record'>
  lifecycle: Pick<Lifecycle, 'find' | 'findRunning' | 'tokenOf'>
  domain: string
  callWorker(sandbox: Sandbox, domain: string, options: WorkerCall): Promise<NodeJS.ReadableStream>
}

const byId = Type.Object({ id: Type.String({ maxLength: 63, description: 'Id, subdomain or name.' }) })
/** A clone that takes longer is its own business. */
const WATCH_MS = 60 * 60_000
const TRY_AGAIN_MS = 2_000
/** Of a worker, which its owner may have changed. */
const ANSWER_BYTES = 64 * 1024
const ANSWER_WITHIN_MS = 5_000
const TOLD_CHARACTERS = 2_000

/** `/v1/sandboxes/{id}/setup`: how far the clone is that a sandbox was asked to begin with. */
export function registerSetupRoutes(app: WebApp, parts: SetupParts): void {
  app.get(
    '/v1/sandboxes/:id/setup',
    {
      schema: {
        summary: 'How far the first clone is',
        description: 'With `wait` the answer comes when it is over, or after so many seconds.',
        tags: ['sandboxes'],
        params: byId,
        querystring: Type.Object({
          wait: Type.Optional(Type.Integer({ minimum: 0, maximum: SETUP_WAIT_MAX, default: 0 })),
        }),
        response: { 200: SetupView },
      },
    },
    async (request) => ask(parts, await parts.lifecycle.findRunning(request.params.id), request.query.wait ?? 0),
  )
}

/** Writes into the sandbox's story how its first clone ended. Never rejects. */
export async function watchSetup(parts: SetupParts, sandbox: Sandbox): Promise<void> {
  for (const until = Date.now() + WATCH_MS; Date.now() < until; ) {
    const view = await ask(parts, sandbox, SETUP_WAIT_MAX).catch(() => undefined)
    if (view && view.git?.state !== 'running') {
      const { state, ...data } = told(view.git ?? { state: 'failed', message: 'The sandbox knows of no clone.' })
      await parts.store.record(sandbox.id, state === 'done' ? 'cloned' : 'clone-failed', data).catch(() => undefined)
      return
    }
    if (!view) {
      // It may sleep, or be gone.
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS).unref())
      const now = await parts.store.find(sandbox.id).catch(() => sandbox)
      if (!now || now.state === 'deleting') return
    }
  }
}

/** What of it is kept, in stories and the feed. */
function told({ state, url, ref, message, ms }: Partial<NonNullable<SetupView['git']>>) {
  const short = (text: string | undefined) => text?.slice(0, TOLD_CHARACTERS)
  const words = { url: short(url), ref: short(ref), message: short(message), ms }
  return { state, ...Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined)) }
}

async function ask({ lifecycle, domain, callWorker }: SetupParts, sandbox: Sandbox, wait: number): Promise<SetupView> {
  const call = { method: 'GET', path: `setup?wait=${wait}`, token: lifecycle.tokenOf(sandbox) } as const
  const answer = await boundedText(await callWorker(sandbox, domain, call), ANSWER_BYTES, ANSWER_WITHIN_MS)
  const view: unknown = JSON.parse(answer)
  if (Value.Check(SetupView, view)) return view
  throw new OmegaError('BAD_GATEWAY', 'The sandbox does not tell how far its clone is.')
}
