import { type Static, Type } from 'typebox'

/** `POST /_omega/disk`, and the event `disk.filling`: how much of what it may write the sandbox has written. */
export const DiskReport = Type.Object(
  {
    usedBytes: Type.Integer({ minimum: 0 }),
    limitBytes: Type.Integer({ minimum: 1 }),
    /** It is over its limit: in so many milliseconds it is stopped unless it has made room. */
    leftMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)
export type DiskReport = Static<typeof DiskReport>
