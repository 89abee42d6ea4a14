import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The key that a host got when it joined, in `DATA_DIR/hosts/ADDRESS` for this user only. */
export class HostKey {
  readonly #folder: string
  readonly #file: string

  constructor(dataDir: string, address: string) {
    this.#folder = join(dataDir, 'hosts')
    this.#file = join(this.#folder, address.replaceAll(':', '_'))
  }

  /** Undefined if there is none yet. */
  async read(): Promise<string | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(() => '')
    return text.trim() || undefined
  }

  async write(key: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(`${this.#file}.new`, `${key}\n`, { mode: 0o600 })
    await rename(`${this.#file}.new`, this.#file)
  }
}
