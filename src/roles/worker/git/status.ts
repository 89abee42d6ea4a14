import { type Change, type ChangeKind, MAX_CHANGES, type Repository } from '../../../core/wire/operations/git.ts'

/** What `git status` tells of a repository. */
export type Status = Pick<
  Repository,
  'branch' | 'commit' | 'upstream' | 'ahead' | 'behind' | 'changes' | 'truncated' | 'stashes'
>

export const statusParameters: readonly string[] = [
  'status',
  '--porcelain=v2',
  '-z',
  '--branch',
  '--show-stash',
  '--untracked-files=all',
]

/** More than this of output is more changes than are told of. */
export const MAX_STATUS_BYTES = 4 * 1024 * 1024

/**
 * Reads `git status --porcelain=v2 -z`. `prefix` is the repository's folder, which its paths are put behind. `cut`: the
 * output ends in the middle of something.
 */
export function parseStatus(output: Uint8Array, prefix: string, cut: boolean): Status {
  const status: Status = { ahead: 0, behind: 0, changes: [], stashes: 0 }
  const records = splitRecords(output)
  if (cut) records.pop()
  for (let index = 0; index < records.length; index++) {
    const record = records[index] as Uint8Array
    const kind = String.fromCharCode(record[0] ?? 0)
    if (kind === '#') {
      header(status, decode(record).text)
      continue
    }
    const from = kind === '2' ? records[++index] : undefined
    if (kind === '2' && !from) break
    const change = changeOf(kind, record, from, prefix)
    if (!change) continue
    if (status.changes.length === MAX_CHANGES) {
      status.truncated = true
      break
    }
    status.changes.push(change)
  }
  if (cut) status.truncated = true
  return status
}

function header(status: Status, line: string): void {
  const [, key = '', ...values] = line.split(' ')
  const value = values.join(' ')
  if (key === 'branch.oid' && value !== '(initial)') status.commit = value
  else if (key === 'branch.head' && value !== '(detached)') status.branch = value
  else if (key === 'branch.upstream') status.upstream = value
  else if (key === 'stash') status.stashes = Number(value) || 0
  else if (key === 'branch.ab') {
    status.ahead = Number(values[0]) || 0
    status.behind = Math.abs(Number(values[1]) || 0)
  }
}

/** How many fields come before the path. */
const fieldsBefore: Record<string, number> = { '1': 8, '2': 9, u: 10, '?': 1 }

function changeOf(
  kind: string,
  record: Uint8Array,
  fromRecord: Uint8Array | undefined,
  prefix: string,
): Change | undefined {
  const count = fieldsBefore[kind]
  if (count === undefined) return undefined
  const { fields, rest } = takeFields(record, count)
  if (!rest) return undefined
  const { text, exact } = decode(rest)
  const path = joinPath(prefix, text)
  const odd = exact ? {} : ({ unnamable: true } as const)
  if (kind === '?') return { path, index: '.', worktree: '?', ...odd }
  const [, letters = '..', submodule = 'N...'] = fields
  const nested = submodule.startsWith('S') ? ({ submodule: true } as const) : {}
  if (kind === 'u') return { path, index: 'U', worktree: 'U', conflict: letters, ...nested, ...odd }
  const from = fromRecord ? decode(fromRecord) : undefined
  return {
    path,
    ...(from ? { from: joinPath(prefix, from.text) } : {}),
    index: kindOf(letters[0]),
    worktree: kindOf(letters[1]),
    ...nested,
    ...odd,
  }
}

function kindOf(letter: string | undefined): ChangeKind {
  return letter !== undefined && 'MADRCTU'.includes(letter) ? (letter as ChangeKind) : '.'
}

/** The words before the path, which is the rest, whatever it holds. */
function takeFields(record: Uint8Array, count: number): { fields: string[]; rest: Uint8Array | undefined } {
  const fields: string[] = []
  let at = 0
  for (let field = 0; field < count; field++) {
    const end = record.indexOf(0x20, at)
    if (end < 0) return { fields, rest: undefined }
    fields.push(decode(record.subarray(at, end)).text)
    at = end + 1
  }
  return { fields, rest: at < record.length ? record.subarray(at) : undefined }
}

/** The pieces between NULs; the last one is there even if no NUL ends it. */
export function splitRecords(output: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at)
    records.push(output.subarray(at, end < 0 ? output.length : end))
    at = end < 0 ? output.length : end + 1
  }
  return records
}

/** Bytes that are no UTF-8 are shown, but do not name anything. */
export function decode(bytes: Uint8Array): { text: string; exact: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), exact: true }
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), exact: false }
  }
}

export function joinPath(prefix: string, path: string): string {
  return prefix === '' ? path : `${prefix}/${path}`
}
