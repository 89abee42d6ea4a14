/** Before this nobody wonders. */
const SILENT_MS = 1_500
const EVERY_MS = 250

/** A line on stderr that says how far something long is, for people who watch. */
export class Progress {
  readonly #verb: string
  readonly #began = Date.now()
  readonly #shown = process.stderr.isTTY === true
  #files = 0
  #bytes = 0
  #told = 0

  /** `verb`: "copied". */
  constructor(verb: string) {
    this.#verb = verb
  }

  add(bytes: number, files = 0): void {
    this.#bytes += bytes
    this.#files += files
    const now = Date.now()
    if (!this.#shown || now - this.#began < SILENT_MS || now - this.#told < EVERY_MS) return
    this.#told = now
    process.stderr.write(
      `\r\x1b[K  ${this.#verb} ${size(this.#bytes)}${this.#files > 0 ? `, ${this.#files} files` : ''}`,
    )
  }

  /** Takes the line away. */
  end(): void {
    if (this.#told > 0) process.stderr.write('\r\x1b[K')
  }
}

/** `12.3 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}
