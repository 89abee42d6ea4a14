import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Kept = Type.Object({
  terminal: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }),
  name: Type.Optional(Type.String()),
  folder: Type.String(),
  cols: Type.Integer({ minimum: 2, maximum: 1000 }),
  rows: Type.Integer({ minimum: 2, maximum: 1000 }),
})

/** A terminal as the next start of the worker finds it. */
export type KeptTerminal = Static<typeof Kept>

/**
 * What of the terminals outlives the worker, in files of its own: which there were, and what was on their screens when it
 * stopped in peace. Nothing here is needed: what cannot be read was not there, and a failure to write is no failure.
 */
export class TerminalRecords {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  list(): KeptTerminal[] {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#listFile, 'utf8'))
      return Array.isArray(value) ? value.filter((one): one is KeptTerminal => Value.Check(Kept, one)) : []
    } catch {
      return []
    }
  }

  keep(terminals: readonly KeptTerminal[]): void {
    this.#write(this.#listFile, JSON.stringify(terminals))
  }

  screen(terminal: string): Uint8Array | undefined {
    try {
      return readFileSync(this.#screenFile(terminal))
    } catch {
      return undefined
    }
  }

  keepScreen(terminal: string, bytes: Uint8Array): void {
    this.#write(this.#screenFile(terminal), bytes)
  }

  forgetScreen(terminal: string): void {
    rmSync(this.#screenFile(terminal), { force: true })
  }

  get #listFile(): string {
    return join(this.#folder, 'terminals.json')
  }

  #screenFile(terminal: string): string {
    return join(this.#folder, `${terminal}.screen`)
  }

  /** Whole or not at all. */
  #write(file: string, content: string | Uint8Array): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      writeFileSync(`${file}.new`, content, { mode: 0o600 })
      renameSync(`${file}.new`, file)
    } catch {
      // A full disk; the terminals go on.
    }
  }
}
