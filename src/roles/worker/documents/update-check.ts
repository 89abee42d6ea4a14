import * as Y from 'yjs'
import { DOCUMENT_TEXT } from '../../../core/wire/operations/documents.ts'

/**
 * Whether bytes from a page are a Yjs update of the document's text and nothing else. Others' pages draw what is in it,
 * and expect letters; and a document that was given half of a broken update would be broken for everybody.
 */
export function isTextUpdate(update: Uint8Array): boolean {
  try {
    return Y.decodeUpdate(update).structs.every(
      (struct) => !(struct instanceof Y.Item) || (isText(struct.content) && isOfText(struct)),
    )
  } catch {
    return false
  }
}

function isText(content: Y.Item['content']): boolean {
  return content instanceof Y.ContentString || content instanceof Y.ContentDeleted
}

/** As decoded, a parent is the name of a top type, another item's id, or absent: then it is its neighbour's. */
function isOfText({ parent, parentSub }: Y.Item): boolean {
  const named: unknown = parent
  return parentSub === null && (named === null || named === undefined || named === DOCUMENT_TEXT)
}
