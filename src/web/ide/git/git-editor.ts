import type { Extension } from '@codemirror/state'
import type { Document } from '../documents/document.ts'
import { conflictMarks } from './conflict-marks.ts'
import type { GitPart } from './git-part.ts'
import { lineMarks } from './line-marks.ts'

/** What git adds to the editor of a file in a repository. */
export function gitEditor(part: GitPart, document: Document): Extension {
  return [lineMarks(part, document), conflictMarks(part, document)]
}
