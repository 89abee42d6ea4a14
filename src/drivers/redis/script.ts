import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { answered, gatherWrites } from './connection.ts'

/** What a script gives back: the RESP2 types. */
export type Reply = string | number | null | Reply[]

/** A Lua script: one atomic step. It travels as its SHA-1, and in full when the server does not have it (yet, or any more). */
export class Script {
  readonly #source: string
  readonly #keyCount: number
  readonly sha: string

  /** `parts` are put one behind the other: functions it uses, then the script itself. */
  constructor(keyCount: number, ...parts: string[]) {
    this.#source = parts.join('\n')
    this.#keyCount = keyCount
    this.sha = createHash('sha1').update(this.#source).digest('hex')
  }

  get source(): string {
    return this.#source
  }

  run(client: Redis, keys: readonly string[], args: readonly (string | number)[] = []): Promise<Reply> {
    if (keys.length !== this.#keyCount) throw new Error(`the script takes ${this.#keyCount} keys, not ${keys.length}`)
    gatherWrites(client)
    const bySha = client.evalsha(this.sha, this.#keyCount, ...keys, ...args) as Promise<Reply>
    return answered(
      bySha.catch((error: Error) => {
        if (!error.message.startsWith('NOSCRIPT')) throw error
        return client.eval(this.#source, this.#keyCount, ...keys, ...args) as Promise<Reply>
      }),
    )
  }
}
