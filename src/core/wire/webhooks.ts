import { type Static, Type } from 'typebox'

/** An address that events are sent to, and how it goes. */
export const WebhookView = Type.Object({
  id: Type.String(),
  url: Type.String({ description: 'Without its query.' }),
  state: Type.Union(
    [Type.Literal('starting'), Type.Literal('delivering'), Type.Literal('failing'), Type.Literal('disabled')],
    { description: '`starting`: no master has begun yet; `disabled`: it answered 410.' },
  ),
  after: Type.String({ description: 'Id of the last event that was delivered.' }),
  waiting: Type.Integer({ description: 'Events that are still to be delivered, counted up to 1000.' }),
  attempts: Type.Integer({ description: 'Of the event that is failing.' }),
  nextAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it is tried again.' })),
  reason: Type.Optional(Type.String({ description: 'Why the last attempt failed.' })),
})
export type WebhookView = Static<typeof WebhookView>

export const WebhookList = Type.Object({ webhooks: Type.Array(WebhookView) })
export type WebhookList = Static<typeof WebhookList>
