import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import { MAX_DOCUMENT_CHARS } from '../../../core/wire/operations/documents.ts'

/** The files of the project, as a document needs them. ProjectFiles is one. */
export interface DocumentFiles {
  read(path: string): Promise<FileContent>
  /** Refused with CONFLICT when the file is not at `base` any more, with FILE_EXISTS when there is one and no `base`. */
  write(path: string, text: string, base: string | undefined): Promise<{ version: string }>
  /** Writes whatever is there. */
  overwrite(path: string, text: string): Promise<{ version: string }>
  /** The version a file with this text has. */
  versionOf(text: string): string
}

export interface FileContent {
  text: string
  version: string
}

/** Between two looks at a file that somebody else may be in the middle of writing. */
const STEADY_MS = 25
const MOST_LOOKS = 20
/** A file that becomes empty is often about to be filled. */
const EMPTY_LOOKS = 12

/** A file small enough to be a document. */
export async function readDocument(files: DocumentFiles, path: string): Promise<FileContent> {
  const found = await files.read(path)
  if (found.text.length <= MAX_DOCUMENT_CHARS) return found
  throw new OmegaError(
    'TOO_LARGE',
    `${quote(path)} has ${found.text.length} characters; up to ${MAX_DOCUMENT_CHARS} can be edited here.`,
  )
}

/** The file once it holds still, or at once when it is at a version that is known. */
export async function readSteady(
  files: DocumentFiles,
  clock: Clock,
  path: string,
  isKnown: (version: string) => boolean,
): Promise<FileContent> {
  let found = await readDocument(files, path)
  for (let look = 1; look < MOST_LOOKS && !isKnown(found.version); look++) {
    await new Promise<void>((resolve) => clock.after(STEADY_MS, resolve))
    const again = await readDocument(files, path)
    const isSteady = again.version === found.version && (again.text !== '' || look >= EMPTY_LOOKS)
    found = again
    if (isSteady) break
  }
  return found
}
