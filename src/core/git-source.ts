import { type Static, Type } from 'typebox'
import { OmegaError } from './errors.ts'
import { quote } from './names.ts'

/** Where a sandbox's files come from, instead of its template. */
export const GitSource = Type.Object(
  {
    url: Type.String({ maxLength: 2048, description: 'https, ssh or git; `git@host:path` too. Without a password.' }),
    ref: Type.Optional(
      Type.String({ maxLength: 255, description: 'Branch, tag or commit; the default branch if absent.' }),
    ),
  },
  { additionalProperties: false },
)
export type GitSource = Static<typeof GitSource>

/** Nothing that git could take for an option, a local path or a helper of its own (`ext::sh -c ...`). */
const url =
  /^(?:https?|ssh|git):\/\/(?:[^\s@/:]+@)?(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?\/\S+$/
const short = /^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][A-Za-z0-9._-]*:(?!:)[^\s-]\S*$/
const withPassword = /^[a-z]+:\/\/[^\s/@]*:[^\s/@]*@/i
const ref = /^(?!.*(?:\.\.|@\{|\/\/))[\p{L}\p{N}_][^\s~^:?*[\\\p{Cc}]*$/u

/** Throws INVALID_REQUEST. */
export function checkGitSource(source: GitSource): void {
  if (withPassword.test(source.url)) {
    throw new OmegaError(
      'INVALID_REQUEST',
      'The git URL holds a password, which would stay in the repository. Leave it out: the page asks for it, or use ssh with a key.',
    )
  }
  if (!url.test(source.url) && !short.test(source.url)) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `The git URL is ${quote(source.url)}. Allowed are https://, http://, ssh:// and git:// with a host and a path, and git@host:path.`,
    )
  }
  if (source.ref !== undefined && !ref.test(source.ref)) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `The git ref is ${quote(source.ref)}. Allowed is a branch, a tag or a commit.`,
    )
  }
}
