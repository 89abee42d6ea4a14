import { Type } from 'typebox'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import { quote } from '../../core/names.ts'
import type { WebhookProgress } from '../../core/webhook.ts'
import { WebhookList, WebhookView } from '../../core/wire/webhooks.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { WebhookTarget } from '../../drivers/webhook-sender.ts'
import { readProgress, writeProgress } from './webhook-delivery.ts'

const COUNTED = 1000

export interface WebhookRouteParts {
  store: FleetStore
  webhooks: readonly WebhookTarget[]
}

/** `/v1/webhooks`: how deliveries go, and trying again. Which addresses there are is said by `--webhook`. */
export function registerWebhookRoutes(app: WebApp, { store, webhooks }: WebhookRouteParts): void {
  const viewOf = async (target: WebhookTarget): Promise<WebhookView> => {
    const progress = await readProgress(store, target)
    const { after, failing }: WebhookProgress = progress ?? { after: await store.feedEnd() }
    const waiting = (await store.feed(after, COUNTED)).events.length
    const state = stateOf(progress)
    const view = { id: target.id, url: target.shown, state, after, waiting, attempts: failing?.attempts ?? 0 }
    return failing ? { ...view, nextAt: new Date(failing.nextAt).toISOString(), reason: failing.reason } : view
  }

  app.get(
    '/v1/webhooks',
    { schema: { summary: 'List webhooks', tags: ['events'], response: { 200: WebhookList } } },
    async () => ({ webhooks: await Promise.all(webhooks.map(viewOf)) }),
  )

  app.post(
    '/v1/webhooks/:id/enable',
    {
      schema: {
        summary: 'Try a failing or disabled webhook again now',
        description: 'It goes on where it stopped, as far as events are kept.',
        tags: ['events'],
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        response: { 200: WebhookView },
      },
    },
    async (request) => {
      const target = webhooks.find(({ id }) => id === request.params.id)
      if (!target) {
        throw new OmegaError(
          'NOT_FOUND',
          `There is no webhook ${quote(request.params.id)}. \`omega webhook list\` shows those there are; --webhook of the master adds one.`,
        )
      }
      const progress = await readProgress(store, target)
      if (progress) await writeProgress(store, target, { after: progress.after })
      return viewOf(target)
    },
  )
}

function stateOf(progress: WebhookProgress | undefined): WebhookView['state'] {
  if (!progress) return 'starting'
  if (progress.disabledAt !== undefined) return 'disabled'
  return progress.failing ? 'failing' : 'delivering'
}
