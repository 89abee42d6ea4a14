import { Type } from 'typebox'

/** Schemas that the parameters of several operations share. */

/** Relative to the project's folder, with `/`. */
export const path = Type.String({ maxLength: 4096 })
/** Of a channel of this session. */
export const channel = Type.Integer({ minimum: 1, maximum: 65_535 })
export const strict = { additionalProperties: false }
export const nothing = Type.Object({}, strict)
/** The result of an operation that has none. */
export type Done = Record<string, never>
