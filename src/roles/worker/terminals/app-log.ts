/** The last `tail` lines of a text. */
export function lastLines(text: string, tail: number): string {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
    .slice(Math.max(0, lines.length - tail))
    .map((line) => `${line}\n`)
    .join('')
}
