/** Longer lines are cut into several: a program that ends none must not fill the memory. */
const MAX_LINE_CHARS = 64 * 1024

/** Escape sequences (ECMA-48): control sequences, strings with their ends, and all that are one letter. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const controls = /[\x00-\x08\x0b-\x1f\x7f]/g

/** Makes plain lines of what is written to a terminal, as they are completed; what overwrites itself is said once. */
export class PlainLines {
  #rest = ''

  /** The lines that are complete now, each with its newline. */
  push(text: string): string {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    while (this.#rest.length > MAX_LINE_CHARS) {
      lines.push(this.#rest.slice(0, MAX_LINE_CHARS))
      this.#rest = this.#rest.slice(MAX_LINE_CHARS)
    }
    return lines.map((line) => `${plain(line)}\n`).join('')
  }
}

function plain(line: string): string {
  const shown = line.replace(escapes, '').replace(/\r+$/, '')
  return shown.slice(shown.lastIndexOf('\r') + 1).replace(controls, '')
}
