/** What somebody may do in a sandbox: everything, or see everything and change nothing. */
export type Access = 'edit' | 'look'

/** What a link lets people do; `preview` shows what runs on one port, and nothing of the sandbox itself. */
export type ShareAccess = Access | 'preview'

/** The lives a person may choose from, in seconds; undefined: until it is revoked. */
export const shareLives: readonly { seconds: number | undefined; title: string }[] = [
  { seconds: 3_600, title: '1 hour' },
  { seconds: 86_400, title: '1 day' },
  { seconds: 7 * 86_400, title: '7 days' },
  { seconds: undefined, title: 'Until it is revoked' },
]

/** What a link of this kind grants, in words for the one who is about to hand it out. */
export function shareGrants(access: ShareAccess, port?: number): string {
  const anybody = 'Anybody who has the link, without an account,'
  if (access === 'preview') {
    return `${anybody} can open and use what runs on port ${port}. They see no files and no terminal.`
  }
  if (access === 'look') {
    return `${anybody} can see every file, terminal and preview of this sandbox while people work in it. They can change no file, type in no terminal and run nothing.`
  }
  return `${anybody} can do everything in this sandbox that you can: read, change and delete all files, run any command, read its secrets, and hand out links. What they have taken or left behind stays when the link ends.`
}

/** How long a link works, as a sentence. */
export function shareLasts(seconds: number | undefined): string {
  if (seconds === undefined) return 'It works until somebody revokes it.'
  const [count, unit] =
    seconds % 86_400 === 0
      ? [seconds / 86_400, 'day']
      : seconds % 3_600 === 0
        ? [seconds / 3_600, 'hour']
        : seconds % 60 === 0
          ? [seconds / 60, 'minute']
          : [seconds, 'second']
  return `It works for ${count} ${unit}${count === 1 ? '' : 's'}, or until somebody revokes it.`
}
