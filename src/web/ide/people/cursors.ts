import { Facet } from '@codemirror/state'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Content } from '../documents/content.ts'

/** Where a person is in a document, in offsets of the text as it is now. */
export interface PersonCursor {
  /** Of the person. */
  id: string
  ranges: readonly { anchor: number; head: number }[]
  /** What they have in sight: from the beginning of the first line to the end of the last one. */
  top: number | undefined
  bottom: number | undefined
  /** Changes when they move, and not when the text around them does. */
  stamp: string
}

/** What awareness holds of a person in a document; PROTOCOL.md 4.5. Positions are Yjs's, as JSON. */
export interface CursorState {
  ranges: [anchor: unknown, head: unknown][]
  top: unknown
  bottom: unknown
}

/** More selections of one person than these are not shown. */
const MAX_RANGES = 20

/** The shared content an editor shows. */
export const shownContent = Facet.define<Content, Content | undefined>({ combine: ([content]) => content })

/** The others' cursors in a document. What somebody's page says is not believed: what is no cursor is passed over. */
export function othersIn(content: Content): PersonCursor[] {
  const cursors: PersonCursor[] = []
  for (const [client, state] of content.awareness.getStates()) {
    const cursor = client === content.awareness.clientID ? undefined : readCursor(content, state)
    if (cursor) cursors.push(cursor)
  }
  return cursors
}

function readCursor({ text }: Content, state: unknown): PersonCursor | undefined {
  const { user, cursor } = (state ?? {}) as { user?: { id?: unknown } | null; cursor?: Partial<CursorState> | null }
  if (typeof user?.id !== 'string' || !Array.isArray(cursor?.ranges)) return undefined
  const ranges = cursor.ranges.slice(0, MAX_RANGES).flatMap((range: unknown) => {
    if (!Array.isArray(range)) return []
    const [anchor, head] = [offsetOf(text, range[0]), offsetOf(text, range[1])]
    return anchor === undefined || head === undefined ? [] : [{ anchor, head }]
  })
  const [top, bottom] = [offsetOf(text, cursor.top), offsetOf(text, cursor.bottom)]
  return { id: user.id, ranges, top, bottom, stamp: JSON.stringify(cursor.ranges[0] ?? null) }
}

/** A place in the text that stays where it is while the text changes. */
export function positionAt(text: Y.Text, offset: number): unknown {
  return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, offset))
}

function offsetOf(text: Y.Text, position: unknown): number | undefined {
  try {
    const relative = Y.createRelativePositionFromJSON(position)
    const absolute = Y.createAbsolutePositionFromRelativePosition(relative, text.doc as Y.Doc)
    return absolute?.type === text ? absolute.index : undefined
  } catch {
    return undefined
  }
}

/** Calls `listener` when others move, come or go. Returns what ends it. */
export function onOthersMove(awareness: Awareness, listener: () => void): () => void {
  const changed = ({ added, updated, removed }: Record<'added' | 'updated' | 'removed', number[]>) => {
    if ([...added, ...updated, ...removed].some((client) => client !== awareness.clientID)) listener()
  }
  awareness.on('change', changed)
  return () => awareness.off('change', changed)
}
