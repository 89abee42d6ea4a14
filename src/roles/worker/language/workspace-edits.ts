import type { TextEdit as LspEdit } from 'vscode-languageserver-protocol'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { Documents } from '../documents/documents.ts'
import type { FileUris } from './file-uri.ts'
import { offsetEdits } from './text-positions.ts'

export interface FileEdits {
  path: string
  edits: LspEdit[]
}

const MAX_FILES = 1_000

/**
 * The edits of LSP's WorkspaceEdit, by file of the project. Throws INVALID_REQUEST for what is none, or wants more than
 * edits of text in the project.
 */
export function readWorkspaceEdit(value: unknown, uris: FileUris): FileEdits[] {
  const { changes, documentChanges } = (value ?? {}) as { changes?: unknown; documentChanges?: unknown }
  const found: FileEdits[] = []
  const add = (uri: unknown, edits: unknown) => {
    const path = typeof uri === 'string' ? uris.pathOf(uri) : undefined
    if (path === undefined) {
      throw new OmegaError(
        'INVALID_REQUEST',
        `The language server wants to edit ${quote(String(uri))}, which is no file of the project.`,
      )
    }
    if (!Array.isArray(edits) || !edits.every(isEdit)) throw new OmegaError('INVALID_REQUEST', 'These are no edits.')
    found.push({ path, edits })
  }
  if (Array.isArray(documentChanges)) {
    for (const change of documentChanges as { kind?: unknown; textDocument?: { uri?: unknown }; edits?: unknown }[]) {
      if (change.kind !== undefined) {
        throw new OmegaError('INVALID_REQUEST', 'The language server wants to make or move files, which it may not.')
      }
      add(change.textDocument?.uri, change.edits)
    }
  } else for (const [uri, edits] of Object.entries(changes ?? {})) add(uri, edits)
  return found
}

/** Edits files, open or not, so that editors and the disk agree. All of them or none, as far as can be seen before. */
export async function applyFileEdits(documents: Documents, files: readonly FileEdits[]): Promise<void> {
  if (files.length > MAX_FILES) {
    throw new OmegaError('TOO_LARGE', `${files.length} files would be edited; ${MAX_FILES} are allowed at once.`)
  }
  for (const { path, edits } of files) {
    await documents.use(path, async ({ text }) => void offsetEdits(text.toString(), edits))
  }
  for (const { path, edits } of files) {
    await documents.use(path, async (document) => {
      document.edit(offsetEdits(document.text.toString(), edits))
      await document.save()
    })
  }
}

function isEdit(value: unknown): value is LspEdit {
  const { range, newText } = (value ?? {}) as { range?: { start?: unknown; end?: unknown }; newText?: unknown }
  return typeof newText === 'string' && isPlace(range?.start) && isPlace(range?.end)
}

function isPlace(value: unknown): boolean {
  const { line, character } = (value ?? {}) as { line?: unknown; character?: unknown }
  return Number.isInteger(line) && Number.isInteger(character)
}
