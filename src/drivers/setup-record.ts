import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Value } from 'typebox/value'
import { SetupView } from '../core/wire/setup.ts'

/** What became of a sandbox's first clone, kept over restarts. */
export class SetupRecord {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  read(): SetupView['git'] {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#file, 'utf8'))
      return Value.Check(SetupView, value) ? value.git : undefined
    } catch {
      return undefined
    }
  }

  write(git: NonNullable<SetupView['git']>): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify({ git }), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}
