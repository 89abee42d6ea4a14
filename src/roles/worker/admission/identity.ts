import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { OmegaError } from '../../../core/errors.ts'
import { Claim } from '../../../core/wire/worker.ts'
import { hashToken, sameSecret } from '../../../drivers/credentials.ts'

/**
 * Whose worker this is. Unclaimed at first; the first claim wins and is kept in `stateDir`, so that a restarted worker
 * is the same sandbox's again. A claim found there that this container does not wait for is that of the sandbox whose
 * files were copied: of it only the environment is taken over.
 */
export class Identity {
  readonly #file: string
  readonly #claimHash: string | undefined
  readonly #inherited: Claim['env']
  /** Whether the files are a copy: another sandbox's, or our own of another time. */
  readonly isCopy: boolean
  #claim: Claim | undefined

  /** `claimHash` is hashToken of the only claim's key that is taken; undefined takes any, on a machine of one's own. */
  constructor(stateDir: string, claimHash?: string) {
    this.#claimHash = claimHash
    mkdirSync(stateDir, { recursive: true, mode: 0o700 })
    this.#file = join(stateDir, 'claim.json')
    const found = read(this.#file)
    const isOurs = found !== undefined && this.#isAwaited(found)
    this.#claim = isOurs ? found : undefined
    this.isCopy = found !== undefined && !isOurs
    this.#inherited = isOurs ? {} : (found?.env ?? {})
  }

  /** Undefined before the claim. */
  get claim(): Claim | undefined {
    return this.#claim
  }

  /** Throws NOT_READY before the claim. */
  get claimed(): Claim {
    if (this.#claim) return this.#claim
    throw notReady()
  }

  /** True for the first claim, false for the same one again; another one is a CONFLICT. */
  accept(claim: Claim): boolean {
    if (this.#claim) {
      if (sameSecret(canonical(this.#withInherited(claim)), canonical(this.#claim))) return false
      throw new OmegaError('CONFLICT', "This worker is another sandbox's already, or the same one's by other terms.")
    }
    if (!this.#isAwaited(claim)) {
      throw new OmegaError(
        'FORBIDDEN',
        'This worker waits for another claim. Only the manager that started it may make it.',
      )
    }
    this.#keep(this.#withInherited(claim))
    return true
  }

  /** What people call the sandbox now. */
  rename(name: string): void {
    this.#keep({ ...this.claimed, name })
  }

  #isAwaited({ key = '' }: Claim): boolean {
    return this.#claimHash === undefined || sameSecret(hashToken(key), this.#claimHash)
  }

  #withInherited(claim: Claim): Claim {
    return { ...claim, env: { ...this.#inherited, ...claim.env } }
  }

  #keep(claim: Claim): void {
    const temporary = `${this.#file}.new`
    writeFileSync(temporary, JSON.stringify(claim), { mode: 0o600 })
    renameSync(temporary, this.#file)
    this.#claim = claim
  }
}

export function notReady(): OmegaError {
  return new OmegaError('NOT_READY', 'This worker belongs to no sandbox yet. It waits for its claim; try again soon.')
}

function read(file: string): Claim | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const value: unknown = JSON.parse(text)
  if (Value.Check(Claim, value)) return value
  throw new OmegaError('INTERNAL', `${file} holds no claim. Remove it, or the sandbox, and start again.`)
}

/** The same text for the same claim, whatever the order of its members and whatever it is called by now. */
function canonical(claim: Claim): string {
  const sorted = (value: object) => Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([sorted({ ...claim, name: '', env: undefined }), sorted(claim.env)])
}
