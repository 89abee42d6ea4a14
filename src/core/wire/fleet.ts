import { type Static, Type } from 'typebox'

/** A machine that was asked for. */
export const LaunchView = Type.Object({
  id: Type.String(),
  state: Type.Union([Type.Literal('ordered'), Type.Literal('booting'), Type.Literal('joined'), Type.Literal('ending')]),
  offering: Type.String({ description: 'What was asked for: type, place, spot or on-demand.' }),
  machine: Type.Union([Type.String(), Type.Null()], { description: "The provider's name of it." }),
  host: Type.Union([Type.String(), Type.Null()], { description: "The host's address, once it has joined." }),
  reason: Type.String({ description: 'Why it was asked for, or why it ends.' }),
  step: Type.String({ description: 'What it said last of its boot.' }),
  orderedAt: Type.String({ format: 'date-time' }),
})
export type LaunchView = Static<typeof LaunchView>

export const FleetView = Type.Object({
  autoscales: Type.Boolean({ description: 'Whether it gets hosts by itself.' }),
  launches: Type.Array(LaunchView),
  waiting: Type.Integer({ description: 'Creates that wait for a host.' }),
  blocked: Type.Union([Type.String(), Type.Null()], { description: 'Why no host comes though one is wanted.' }),
  last: Type.Union([Type.Object({ at: Type.String({ format: 'date-time' }), what: Type.String() }), Type.Null()], {
    description: 'What was decided last, and why.',
  }),
})
export type FleetView = Static<typeof FleetView>
