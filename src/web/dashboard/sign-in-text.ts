/** The token in what a person pasted: the token itself, or the whole sign-in link. */
export function tokenIn(pasted: string): string {
  const text = pasted.trim()
  return URL.canParse(text) ? (new URL(text).searchParams.get('token') ?? text) : text
}

/** What to say to somebody whom a used or old sign-in link brought here. */
export function expiredLink(search: string): string | undefined {
  return new URLSearchParams(search).has('expired')
    ? 'That link was used already or is over. Paste the token, or ask for a new link with `omega login`.'
    : undefined
}
