/** What git's credential helpers are asked with and answer (git-credential(1)). */
export interface Credential {
  protocol: string
  host: string
  path?: string
  username?: string
  password?: string
}

const MAX_KEPT = 100

/** Undefined when it does not say whom it is for. */
export function parseCredential(input: string): Credential | undefined {
  const found: Record<string, string> = {}
  for (const line of input.split('\n')) {
    const equals = line.indexOf('=')
    if (equals > 0) found[line.slice(0, equals)] = line.slice(equals + 1)
  }
  const { protocol, host, path, username, password } = found
  if (!protocol || !host) return undefined
  return {
    protocol,
    host,
    ...(path === undefined ? {} : { path }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}

export function printCredential({ username = '', password = '' }: Credential): string {
  return `username=${username}\npassword=${password}\n`
}

/** Passwords that a person lets us keep: in memory only, and only once a server has taken them. */
export class CredentialMemory {
  readonly #kept = new Map<string, Credential>()
  /** To be kept if they are right. */
  readonly #proposed = new Map<string, Credential>()
  readonly #refused = new Set<string>()
  readonly #passphrases = new Map<string, { passphrase: string; givenTo: string }>()

  get(asked: Credential): Credential | undefined {
    const kept = this.#kept.get(keyOf(asked))
    return kept && (asked.username === undefined || asked.username === kept.username) ? kept : undefined
  }

  propose(credential: Credential): void {
    if (this.#proposed.size < MAX_KEPT) this.#proposed.set(keyOf(credential), credential)
  }

  /** The server took it. */
  confirm(credential: Credential): void {
    const key = keyOf(credential)
    this.#refused.delete(key)
    const proposed = this.#proposed.get(key)
    if (!proposed || !isSame(proposed, credential)) return
    this.#proposed.delete(key)
    if (this.#kept.size < MAX_KEPT) this.#kept.set(key, proposed)
  }

  /** The server did not take it. */
  refuse(credential: Credential): void {
    const key = keyOf(credential)
    if (this.#refused.size < MAX_KEPT) this.#refused.add(key)
    for (const all of [this.#kept, this.#proposed]) {
      const known = all.get(key)
      if (known && isSame(known, credential)) all.delete(key)
    }
  }

  /** Whether the last answer for it was wrong; true once. */
  wasRefused(asked: Credential): boolean {
    return this.#refused.delete(keyOf(asked))
  }

  keepPassphrase(prompt: string, passphrase: string, asker: string): void {
    if (this.#passphrases.size < MAX_KEPT) this.#passphrases.set(prompt, { passphrase, givenTo: asker })
  }

  /** One that is asked for again by the same asker was wrong, and is forgotten. */
  passphrase(prompt: string, asker: string): string | undefined {
    const known = this.#passphrases.get(prompt)
    if (known?.givenTo === asker) this.#passphrases.delete(prompt)
    else if (known) {
      known.givenTo = asker
      return known.passphrase
    }
    return undefined
  }

  clear(): void {
    this.#kept.clear()
    this.#proposed.clear()
    this.#refused.clear()
    this.#passphrases.clear()
  }
}

function keyOf({ protocol, host, path }: Credential): string {
  return `${protocol}://${host}/${path ?? ''}`
}

function isSame(a: Credential, b: Credential): boolean {
  return a.username === b.username && a.password === b.password
}
