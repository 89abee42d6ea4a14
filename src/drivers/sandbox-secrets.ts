import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { derive } from './credentials.ts'

/** What the door must know of a sandbox that sleeps: nothing else on the host can say who may wake it. */
export interface SandboxSecret {
  token: string
  /** Where a browser without a session is sent. */
  masterUrl: string
}

/**
 * Secrets of a host's sandboxes, in `DATA_DIR/sandboxes/ADDRESS` for this user only. A cache: the master tells again
 * what is lost.
 */
export class SandboxSecrets {
  readonly #folder: string
  readonly #known = new Map<string, SandboxSecret>()
  #poolSecret: string | undefined

  constructor(dataDir: string, host: string) {
    this.#folder = join(dataDir, 'sandboxes', host.replaceAll(':', '_'))
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
  }

  /** Reads what an earlier manager kept. */
  async load(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!/^sb_[0-9a-z]{26}$/.test(name)) continue
      try {
        this.#known.set(name, JSON.parse(await readFile(join(this.#folder, name), 'utf8')) as SandboxSecret)
      } catch {
        // Cut off by a crash: the master tells it again.
      }
    }
  }

  get(sandboxId: string): SandboxSecret | undefined {
    return this.#known.get(sandboxId)
  }

  async keep(sandboxId: string, secret: SandboxSecret): Promise<void> {
    const before = this.#known.get(sandboxId)
    if (before?.token === secret.token && before.masterUrl === secret.masterUrl) return
    this.#known.set(sandboxId, secret)
    const file = join(this.#folder, sandboxId)
    await writeFile(`${file}.new`, JSON.stringify(secret), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }

  async forget(sandboxId: string): Promise<void> {
    this.#known.delete(sandboxId)
    await rm(join(this.#folder, sandboxId), { force: true })
  }

  /** The key in the only claim that the worker of a container takes; the same after a restart. */
  claimKey(containerKey: string): string {
    this.#poolSecret ??= this.#readPoolSecret()
    return derive(this.#poolSecret, `claim/${containerKey}`)
  }

  #readPoolSecret(): string {
    const file = join(this.#folder, 'claim-secret')
    try {
      return readFileSync(file, 'utf8')
    } catch {
      const made = randomBytes(32).toString('base64url')
      writeFileSync(file, made, { mode: 0o600 })
      return made
    }
  }
}
