import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import type { ShareAccess } from '../../../core/share.ts'
import { hashToken, sameSecret } from '../../../drivers/credentials.ts'

const Share = Type.Object({
  id: Type.String({ pattern: '^sh_[0-9a-f]{16}$' }),
  access: Type.Union([Type.Literal('edit'), Type.Literal('look'), Type.Literal('preview')]),
  /** With `preview`: the only port it is good for. */
  port: Type.Optional(Type.Integer()),
  secretHash: Type.String(),
  createdAt: Type.Integer(),
  /** Milliseconds since the epoch; 0: until it is revoked. */
  expiresAt: Type.Integer(),
  /** The link its maker came by: it ends with that one. */
  parent: Type.Optional(Type.String()),
})
const Kept = Type.Array(Share)
/** A link that lets people in. Only a hash of its secret is known. */
export type Share = Static<typeof Share>

export interface NewShare {
  access: ShareAccess
  port?: number | undefined
  /** Seconds; undefined: until it is revoked. */
  expiresIn?: number | undefined
  parent?: string | undefined
}

/** At once; a script gone wrong stops here. */
const MAX_SHARES = 100
/** How long the end of a link may go unnoticed after the machine slept: timers count only time awake. */
const LOOK_EVERY_MS = 30_000

export interface SharesOptions {
  stateDir: string
  /** Wall clock, milliseconds since the epoch. */
  now: () => number
  clock: Clock
  /** A link was revoked, or is over. */
  onEnd: (id: string, why: 'revoked' | 'over') => void
}

/** The links that let people in. Kept in a file, so that they and their revocation outlive the worker. */
export class Shares {
  readonly #options: SharesOptions
  readonly #file: string
  #shares: Map<string, Share>
  #cancelLook: (() => void) | undefined

  constructor(options: SharesOptions) {
    this.#options = options
    this.#file = join(options.stateDir, 'shares.json')
    this.#shares = new Map(read(this.#file).map((share) => [share.id, share]))
    this.#lookForOver()
  }

  /** Makes a link; `token` is what it carries, and is told here only. */
  create({ access, port, expiresIn, parent }: NewShare): { share: Share; token: string } {
    this.#dropOver()
    if (this.#shares.size >= MAX_SHARES) {
      throw new OmegaError('TOO_MANY_REQUESTS', `There are ${MAX_SHARES} links already. Revoke some first.`)
    }
    const now = this.#options.now()
    const mother = parent === undefined ? undefined : this.alive(parent)
    if (parent !== undefined && !mother) throw new OmegaError('FORBIDDEN', 'The link you came by has ended.')
    const wanted = expiresIn === undefined ? 0 : now + expiresIn * 1000
    const secret = randomBytes(32).toString('base64url')
    const share: Share = {
      id: `sh_${randomBytes(8).toString('hex')}`,
      access,
      ...(port === undefined ? {} : { port }),
      secretHash: hashToken(secret),
      createdAt: now,
      // Who was let in for an hour lets nobody in for longer.
      expiresAt: earlier(wanted, mother?.expiresAt ?? 0),
      ...(parent === undefined ? {} : { parent }),
    }
    this.#shares.set(share.id, share)
    try {
      this.#keep()
    } catch (error) {
      this.#shares.delete(share.id)
      throw error
    }
    this.#lookForOver()
    return { share, token: `${share.id}.${secret}` }
  }

  /** The links that work, the oldest first. */
  list(): Share[] {
    this.#dropOver()
    return [...this.#shares.values()]
  }

  /** Ends a link and those made by who came by it. Gives their ids. Throws NOT_FOUND. */
  revoke(id: string): string[] {
    if (!this.alive(id)) {
      throw new OmegaError('NOT_FOUND', 'There is no such link; it may be over. The others are listed by `shares`.')
    }
    const ids = this.#familyOf(id)
    for (const one of ids) this.#end(one, 'revoked')
    this.#keep()
    return ids
  }

  /** The link that such a token belongs to, while it works. */
  of(token: string): Share | undefined {
    const [id = '', secret = ''] = token.split('.', 2)
    const share = this.alive(id)
    return share && sameSecret(hashToken(secret), share.secretHash) && token === `${id}.${secret}` ? share : undefined
  }

  alive(id: string): Share | undefined {
    const share = this.#shares.get(id)
    return share && !this.#isOver(share) ? share : undefined
  }

  close(): void {
    this.#cancelLook?.()
  }

  #familyOf(id: string): string[] {
    const children = [...this.#shares.values()].filter(({ parent }) => parent === id)
    return [id, ...children.flatMap((child) => this.#familyOf(child.id))]
  }

  #isOver({ expiresAt }: Share): boolean {
    return expiresAt !== 0 && expiresAt <= this.#options.now()
  }

  #end(id: string, why: 'revoked' | 'over'): void {
    this.#shares.delete(id)
    this.#options.onEnd(id, why)
  }

  /** They need not leave the file at once: their date says that they are over. */
  #dropOver(): void {
    for (const share of [...this.#shares.values()]) if (this.#isOver(share)) this.#end(share.id, 'over')
  }

  #lookForOver(): void {
    this.#cancelLook?.()
    const { clock, now } = this.#options
    const ends = [...this.#shares.values()].flatMap(({ expiresAt }) => (expiresAt === 0 ? [] : [expiresAt]))
    if (ends.length === 0) return
    const wait = Math.min(LOOK_EVERY_MS, Math.max(0, Math.min(...ends) - now()))
    this.#cancelLook = clock.after(wait, () => {
      this.#dropOver()
      this.#lookForOver()
    })
  }

  #keep(): void {
    const temporary = `${this.#file}.new`
    const text = JSON.stringify([...this.#shares.values()])
    writeFileSync(temporary, text, { mode: 0o600, flush: true })
    renameSync(temporary, this.#file)
  }
}

/** Of two ends, where 0 is none. */
function earlier(one: number, other: number): number {
  return one === 0 || other === 0 ? Math.max(one, other) : Math.min(one, other)
}

/** What cannot be read lets nobody in. */
function read(file: string): Share[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Value.Check(Kept, value) ? value : []
  } catch {
    return []
  }
}
