/** For so long an app that took our name badly for another reason is not asked again whether it was the name. */
const SETTLED_MS = 60_000
const MOST_SETTLED = 256

/** What an app's refusal was about. */
export interface Asked {
  port: number
  /** Path and query. */
  target: string
  /** What was asked for: a page a person goes to, something it loads, or a WebSocket. */
  kind: 'page' | 'part' | 'socket'
}

/**
 * Dev servers that answer to `localhost` only (protection from DNS rebinding, which the gate has seen to) are asked by
 * that name. Which ones, they show themselves: what is refused by our name and not as `localhost` is remembered.
 *
 * A page refused means that the app looks at Host, so all of it is asked so. Anything else means no more than its own
 * part of the app: Next.js refuses only what lies below /_next, by its Origin, and compares Origin and X-Forwarded-Host
 * for everything else.
 */
export class Disguises {
  readonly #now: () => number
  readonly #disguised = new Map<number, Set<string>>()
  readonly #settled = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether to ask as `localhost`. */
  wears({ port, target }: Asked): boolean {
    const parts = this.#disguised.get(port)
    return parts !== undefined && (parts.has('') || parts.has(partOf(target)))
  }

  /** Whether a refusal may be about our name: worth asking again as `localhost`. */
  mayHelp(asked: Asked): boolean {
    return !this.wears(asked) && (this.#settled.get(keyOf(asked)) ?? Number.NEGATIVE_INFINITY) <= this.#now()
  }

  /** It was not refused as `localhost`. */
  helped({ port, target, kind }: Asked): void {
    const parts = this.#disguised.get(port) ?? new Set()
    this.#disguised.set(port, parts.add(kind === 'page' ? '' : partOf(target)))
  }

  /** It was refused just the same. */
  didNotHelp(asked: Asked): void {
    if (this.#settled.size >= MOST_SETTLED) this.#settled.clear()
    this.#settled.set(keyOf(asked), this.#now() + SETTLED_MS)
  }

  /** The app has gone: what comes next may be another one. */
  forget(port: number): void {
    this.#disguised.delete(port)
    for (const key of this.#settled.keys()) if (key.startsWith(`${port}/`)) this.#settled.delete(key)
  }
}

/** The first piece of a path; Next.js has two names for its own. */
function partOf(target: string): string {
  const [, first = ''] = /^\/?([^/?#]*)/.exec(target) ?? []
  return first.startsWith('__nextjs') ? '_next' : first || '/'
}

function keyOf({ port, target, kind }: Asked): string {
  return `${port}/${kind}/${partOf(target)}`
}
