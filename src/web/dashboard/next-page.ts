/** Where `?next=` leads after signing in: a path of this origin and nothing else; undefined when there is none. */
export function nextPage(search: string): string | undefined {
  const next = new URLSearchParams(search).get('next')
  if (next === null || !next.startsWith('/')) return undefined
  // Browsers read `//host` and `/\host` as another origin, and skip control characters.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  return /^\/[/\\]|[\u0000-\u001f\\]/.test(next) ? undefined : next
}
