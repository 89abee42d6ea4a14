import { Type } from 'typebox'
import { type Done, nothing, path, strict } from './fields.ts'

/** Who is here, and what they look at. */
export const peopleParams = {
  /**
   * Says who one is, and again when that changes. `seat` is a secret of the page's: the same one gives the same id, also
   * after a reload or a restart of the worker. Throws CONFLICT when another page has it at the moment.
   */
  'people.join': Type.Object(
    {
      seat: Type.String({ pattern: '^[\\w-]{20,64}$' }),
      name: Type.String({ minLength: 1, maxLength: 200 }),
      /** Absent: one that nobody has. */
      colour: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
    },
    strict,
  ),
  /** Says what one looks at: a file or nothing in the editor, a terminal that has the focus. */
  'people.at': Type.Object(
    {
      path: Type.Optional(Type.String({ ...path, pattern: '^[^\\0]*$' })),
      terminal: Type.Optional(Type.String({ maxLength: 64 })),
      /** Has done nothing for a while, or looks at another tab of the browser. */
      idle: Type.Boolean(),
    },
    strict,
  ),
  /** The person does something the worker would not learn of otherwise, like reading; at most once a minute. */
  'people.stirs': nothing,
}

export interface PersonHere {
  id: string
  name: string
  /** A number below PERSON_COLOURS. */
  colour: number
  /** owner: by the sandbox's token or the master; the others came by a link. */
  access: 'owner' | 'edit' | 'look'
  path?: string
  terminal?: string
  idle: boolean
  /** Their connection is cut at the moment. */
  away: boolean
}

export interface PeopleResults {
  'people.join': { id: string }
  'people.at': Done
  'people.stirs': Done
}

export interface PeopleEvents {
  /** Everybody who is here, oneself included, in the order in which they came. */
  'people.changed': { people: PersonHere[] }
}
