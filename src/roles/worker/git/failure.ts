import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'

/** What git says when it cannot, and what a person reads instead. The first that matches; `detail` gets the match. */
const known: readonly { says: RegExp; code: 'CONFLICT' | 'FORBIDDEN' | 'PRECONDITION_FAILED'; detail: Explain }[] = [
  {
    says: /Unable to create '([^']*\.lock)': File exists/,
    code: 'CONFLICT',
    detail: ([, file = '']) =>
      `Another git program is at work here, or one has crashed: ${quote(file)} is there. Wait for it to end; when none runs, remove that file in a terminal.`,
  },
  {
    says: /detected dubious ownership in repository at '([^']*)'/,
    code: 'FORBIDDEN',
    detail: ([, folder = '']) =>
      `${quote(folder)} belongs to another user, and git does not work in it unless you trust it.`,
  },
  {
    says: /Please tell me who you are|unable to auto-detect email address|empty ident name|no email was given/,
    code: 'PRECONDITION_FAILED',
    detail: () => 'Git does not know your name and e-mail address yet. Enter them, then commit again.',
  },
  {
    says: /Authentication failed for '([^']*)'|could not read (?:Username|Password) for '([^']*)'/,
    code: 'FORBIDDEN',
    detail: ([, first, second]) =>
      `${withoutPassword(first ?? second ?? 'The server')} did not let us in: the name or password (most servers want a token in its place) is wrong or was not given. Try again.`,
  },
  {
    says: /credential helper .* told us to quit/,
    code: 'FORBIDDEN',
    detail: () => 'The server wants to know who you are, and nobody answered. Try again.',
  },
  {
    says: /Permission denied \(([^)]*)\)/,
    code: 'FORBIDDEN',
    detail: () =>
      'The server did not accept the SSH key. Make one with "Git: SSH key", give its public part to the server, and try again.',
  },
  {
    says: /Host key verification failed/,
    code: 'FORBIDDEN',
    detail: () => "The server's key was not accepted, so nothing was sent.",
  },
  {
    says: /stale info\)|\[rejected\][^\n]*\(stale info/,
    code: 'CONFLICT',
    detail: () =>
      'The branch on the server has moved since you last fetched it, so it was not overwritten. Fetch and look first.',
  },
  {
    says: /\[(?:remote )?rejected\][^\n]*\((?:fetch first|non-fast-forward)|tip of your current branch is behind/,
    code: 'CONFLICT',
    detail: () => 'The branch on the server has commits that are not here. Pull first, then push again.',
  },
  {
    says: /\[remote rejected\]\s+(\S+ -> \S+) \(([^)]*)\)/,
    code: 'FORBIDDEN',
    detail: ([, what = '', why = '']) => `The server refused ${what}: ${why}.`,
  },
  {
    says: /Not possible to fast-forward|Need to specify how to reconcile divergent branches|divergent branches/,
    code: 'CONFLICT',
    detail: () => 'Here and on the server there are different commits. Choose whether to merge or to rebase.',
  },
  {
    says: /(?:local changes|untracked working tree files)[^\n]*would be (?:overwritten|removed)[^\n]*\n((?:\t[^\n]*\n?)+)/,
    code: 'CONFLICT',
    detail: ([, files = '']) => `Your changes in ${listOf(files)} would be lost. Commit or stash them first.`,
  },
  {
    says: /You have unstaged changes|Your index contains uncommitted changes|your local changes would be/i,
    code: 'CONFLICT',
    detail: () => 'There are changes that are not committed. Commit or stash them first.',
  },
  {
    says: /Committing is not possible because you have unmerged files|unmerged (?:files|paths)|needs merge|resolve your current index first/,
    code: 'CONFLICT',
    detail: () => 'Some files have conflicts still. Resolve them, and mark them as resolved, first.',
  },
  {
    says: /nothing (?:added )?to commit|no changes added to commit/,
    code: 'CONFLICT',
    detail: () => 'There is nothing to commit. Stage something first.',
  },
  {
    says: /branch '([^']*)' is not fully merged/,
    code: 'CONFLICT',
    detail: ([, branch = '']) => `${quote(branch)} has commits that are in no other branch; they would be lost.`,
  },
  {
    says: /a branch named '([^']*)' already exists|tag '([^']*)' already exists|remote (\S+) already exists/,
    code: 'CONFLICT',
    detail: ([, a, b, c]) => `There is ${quote(a ?? b ?? c ?? '')} already. Choose another name.`,
  },
  {
    says: /'([^']*)' is not a valid (?:branch|tag|remote) name/,
    code: 'CONFLICT',
    detail: ([, name = '']) => `${quote(name)} cannot be a name: no spaces, no "..", none of ~^:?*[\\.`,
  },
  {
    says: /Could not resolve host: (\S+)|Could not resolve hostname (\S+?):/,
    code: 'CONFLICT',
    detail: ([, a, b]) =>
      `There is no server ${quote(a ?? b ?? '')}, or no way to it from this sandbox. Check the address.`,
  },
  {
    says: /repository '([^']*)' not found|'([^']*)' does not appear to be a git repository/i,
    code: 'CONFLICT',
    detail: ([, a, b]) =>
      `There is no repository ${quote(withoutPassword(a ?? b ?? ''))}, or you may not see it. Check the address.`,
  },
  {
    says: /No space left on device/,
    code: 'CONFLICT',
    detail: () => 'The disk is full. Remove something.',
  },
]

type Explain = (match: readonly (string | undefined)[]) => string

/** The error that git's words stand for. */
export function gitFailure(words: string): OmegaError {
  for (const { says, code, detail } of known) {
    const match = says.exec(words)
    if (match) return new OmegaError(code, detail(match))
  }
  const lines = words.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !line.startsWith('hint:'))
  const telling = lines.filter((line) => /^(?:fatal|error|remote):/.test(line))
  const shown = (telling.length > 0 ? telling : lines).slice(-6).join('\n').slice(-1_500)
  return new OmegaError('CONFLICT', `Git says: ${withoutPassword(shown) || 'nothing, but it failed.'}`)
}

/** Whether another try, a moment later, may succeed. */
export function isLocked(words: string): boolean {
  return /Unable to create '[^']*\.lock': File exists/.test(words)
}

export function isRefused(words: string): boolean {
  return /Authentication failed for|HTTP Basic: Access denied|could not read (?:Username|Password)/.test(words)
}

/** An address as it may be shown. */
export function withoutPassword(address: string): string {
  return address.replace(/(\w+:\/\/)[^/@\s]*@/g, '$1')
}

function listOf(lines: string): string {
  const files = lines.split('\n').flatMap((one) => (one.trim() === '' ? [] : [quote(one.trim())]))
  return files.length > 3 ? `${files.slice(0, 3).join(', ')} and ${files.length - 3} more files` : files.join(', ')
}
