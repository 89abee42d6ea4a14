import type { Extension } from '@codemirror/state'
import type { Document } from '../../documents/document.ts'
import type { Workspace } from '../../workspace.ts'
import { changeTracking } from './change-tracker.ts'
import { serverCompletion } from './completion.ts'
import { definitionLinks } from './definition.ts'
import { editorContext } from './editor-context.ts'
import { serverHover } from './hover.ts'
import { inlayHints } from './inlay-hints.ts'
import { problemMarks } from './problem-marks.ts'
import { problemWalk } from './problem-walk.ts'
import { quickFixes } from './quick-fix.ts'
import { renameField } from './rename.ts'
import { sameSymbol } from './same-symbol.ts'
import { signatureHelp } from './signature.ts'

/** All that a language server gives an editor. Undefined for a file that none knows. */
export function intelligence(workspace: Workspace, document: Document): Extension | undefined {
  const { languages } = workspace
  const link = languages.linkFor(document.path)
  if (!link) return undefined
  link.open().catch(() => undefined)
  return [
    editorContext.of({ workspace, languages, link, document }),
    changeTracking,
    serverCompletion(),
    serverHover(),
    signatureHelp(),
    problemMarks(),
    problemWalk,
    quickFixes,
    renameField,
    sameSymbol,
    definitionLinks,
    inlayHints,
  ]
}
