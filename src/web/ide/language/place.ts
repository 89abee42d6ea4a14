import type { Text } from '@codemirror/state'
import type { Location, LocationLink, Position, Range } from 'vscode-languageserver-protocol'

/** Where something is: LSP's URI and range. */
export interface Place {
  uri: string
  range: Range
}

/** LSP's answers to "where is it?", all of them in one form. */
export function placesOf(result: Location | readonly (Location | LocationLink)[] | null): Place[] {
  const all = result === null ? [] : Array.isArray(result) ? result : [result]
  return all.map((one: Location | LocationLink) =>
    'targetUri' in one ? { uri: one.targetUri, range: one.targetSelectionRange } : { uri: one.uri, range: one.range },
  )
}

/** An offset as LSP's line and UTF-16 units in it. */
export function positionOf(doc: Text, offset: number): Position {
  const line = doc.lineAt(offset)
  return { line: line.number - 1, character: offset - line.from }
}

/** The offset of a place; what lies outside of the text is moved to the nearest place in it. */
export function offsetOf(doc: Text, { line, character }: Position): number {
  if (line < 0) return 0
  if (line >= doc.lines) return doc.length
  const found = doc.line(line + 1)
  return Math.min(found.from + Math.max(0, character), found.to)
}

export function rangeOf(doc: Text, from: number, to: number): Range {
  return { start: positionOf(doc, from), end: positionOf(doc, to) }
}
