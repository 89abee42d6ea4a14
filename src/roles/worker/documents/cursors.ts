import * as decoding from 'lib0/decoding'

/** What an awareness update (y-protocols) says of one Yjs client. */
export interface Cursor {
  client: number
  /** The id of the person it says it is of. */
  person: unknown
}

/** The clients an awareness update is about. Throws when it is none. */
export function cursorsIn(update: Uint8Array): Cursor[] {
  const decoder = decoding.createDecoder(update)
  const count = decoding.readVarUint(decoder)
  const cursors: Cursor[] = []
  for (let index = 0; index < count; index++) {
    const client = decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    const state: { user?: { id?: unknown } | null } | null = JSON.parse(decoding.readVarString(decoder))
    cursors.push({ client, person: state?.user?.id })
  }
  return cursors
}
