import type { GitText } from '../../../core/wire/operations/git.ts'
import { fromFile } from '../documents/file-text.ts'
import type { GitProgram } from './git-program.ts'
import type { Repository } from './repository.ts'
import { decode, splitRecords } from './status.ts'

/** As large as a file that can be edited. */
const MAX_TEXT_BYTES = 5 * 1024 * 1024

/** A file in the index or in a commit. */
export interface Blob {
  mode: string
  oid: string
}

const stages: Record<string, string> = { index: '0', base: '1', ours: '2', theirs: '3' }

/** What a file is in the index (or a stage of its conflict) or in a commit; undefined when it is not there. */
export async function blobAt(repository: Repository, path: string, at: string): Promise<Blob | undefined> {
  const inner = repository.inside(path)
  const stage = stages[at]
  const words = stage === undefined ? ['ls-tree', '-z', '--full-tree', at] : ['ls-files', '-z', '-s']
  // Before the first commit there is no HEAD, and nothing in it.
  const isUnborn = at === 'HEAD' && repository.state.commit === undefined
  const { stdout, code } = await repository.git.run(['--literal-pathspecs', ...words, '--', inner], {
    lockless: true,
    allows: isUnborn ? [128] : [],
  })
  if (code !== 0) return undefined
  for (const record of splitRecords(stdout)) {
    const tab = record.indexOf(0x09)
    if (tab < 0 || decode(record.subarray(tab + 1)).text !== inner) continue
    // `MODE TYPE OID` of a tree, `MODE OID STAGE` of the index.
    const [mode = '', second = '', third = ''] = decode(record.subarray(0, tab)).text.split(' ')
    if (stage === undefined) return { mode, oid: third }
    if (third === stage) return { mode, oid: second }
  }
  return undefined
}

export async function readText(
  repository: Repository,
  path: string,
  at: string,
  known: string | undefined,
): Promise<GitText> {
  const blob = await blobAt(repository, path, at)
  if (!blob) return {}
  const { mode, oid } = blob
  if (mode === '160000') return { oid, unshown: 'submodule' }
  if (oid === known) return { oid }
  const bytes = await readBlob(repository.git, oid)
  if (!bytes) return { oid, unshown: 'large' }
  const { text, exact } = decode(bytes)
  return exact && !text.includes('\0') ? { oid, text: fromFile(text).text } : { oid, unshown: 'binary' }
}

/** Undefined when it is larger than anything that is shown. */
export async function readBlob(git: GitProgram, oid: string): Promise<Uint8Array | undefined> {
  const { stdout, cut } = await git.run(['cat-file', 'blob', oid], { lockless: true, maxBytes: MAX_TEXT_BYTES })
  return cut ? undefined : stdout
}
