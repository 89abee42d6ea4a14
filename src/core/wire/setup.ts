import { type Static, Type } from 'typebox'

/** How far a sandbox's first clone is; PROTOCOL.md, section 6. */
export const SETUP_ADDRESS = '/_omega/setup'

/** Seconds one question may wait for its answer. */
export const SETUP_WAIT_MAX = 10

export const SetupView = Type.Object({
  /** Absent when the sandbox was made from its template. */
  git: Type.Optional(
    Type.Object({
      url: Type.String(),
      ref: Type.Optional(Type.String()),
      state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]),
      message: Type.Optional(Type.String({ description: "Why it failed, in git's words." })),
      ms: Type.Optional(Type.Number({ description: 'How long it took.' })),
    }),
  ),
})
export type SetupView = Static<typeof SetupView>
