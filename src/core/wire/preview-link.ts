import { type Static, Type } from 'typebox'
import { strict } from './operations/fields.ts'

/**
 * What a link is for. A `frame` of the IDE's page is watched: its console and address are told to the page. A `phone`
 * has longer to follow it than a `tab`: somebody has to hold it before a screen.
 */
export const PreviewUse = Type.Union([Type.Literal('frame'), Type.Literal('tab'), Type.Literal('phone')])
export type PreviewUse = Static<typeof PreviewUse>

/** `POST /_omega/preview-link`: a link that opens a port of the sandbox, once. */
export const PreviewLinkRequest = Type.Object(
  {
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    path: Type.Optional(Type.String({ maxLength: 4096 })),
    /** A tab, if absent. */
    use: Type.Optional(PreviewUse),
  },
  strict,
)
export const PreviewLink = Type.Object({
  url: Type.String(),
  /** For a frame: what its messages to the page, and the page's to it, carry. */
  key: Type.Optional(Type.String()),
})
export type PreviewLink = Static<typeof PreviewLink>
