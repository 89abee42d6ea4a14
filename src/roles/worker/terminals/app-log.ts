// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what it is about
/** CSI, OSC and DCS sequences, single escapes, and the controls that are neither tab nor newline. */
const controls =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f]/g

/** Terminal output as plain text: its last `tail` lines, without colours and cursor movements. */
export function asText(output: Uint8Array, tail: number): string {
  const text = new TextDecoder().decode(output).replaceAll('\r\n', '\n').replace(controls, '')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
    .slice(Math.max(0, lines.length - tail))
    .map((line) => `${line}\n`)
    .join('')
}
