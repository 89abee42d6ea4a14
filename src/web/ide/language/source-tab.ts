import type { Position } from 'vscode-languageserver-protocol'
import { libraryName } from './references.ts'

/** The argument of a tab that shows a file outside of the project: LINE:CHARACTER:URI. */
export function parseSource(arg: string): { uri: string; position: Position; name: string } {
  const [, line = '0', character = '0', uri = ''] = /^(\d+):(\d+):(.*)$/s.exec(arg) ?? []
  return { uri, position: { line: Number(line), character: Number(character) }, name: libraryName(uri) }
}
