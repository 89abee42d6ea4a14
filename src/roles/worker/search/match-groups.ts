import { bounded } from '../../../drivers/bounded-work.ts'

/** For all matches of one batch. */
const LIMIT_MS = 200

export interface Stretch {
  text: string
  from: number
  to: number
}

type Groups = (string | null)[]

/**
 * What the groups of a regular expression matched: ripgrep does not tell, so the expression is tried once more at the
 * places it found. Undefined where it does not match exactly the same here, since the dialects differ a little.
 */
export class MatchGroups {
  readonly #regex: RegExp | undefined
  #count: number
  #isGivenUp = false

  constructor(query: { query: string; isRegex: boolean; matchCase: boolean }) {
    this.#regex = query.isRegex ? compile(query.query, query.matchCase) : undefined
    this.#isGivenUp = query.isRegex && this.#regex === undefined
    this.#count = this.#regex ? (new RegExp(`${this.#regex.source}|`, this.#regex.flags).exec('')?.length ?? 1) - 1 : 0
  }

  of(stretches: readonly Stretch[]): (Groups | undefined)[] {
    const regex = this.#regex
    if (this.#isGivenUp) return stretches.map(() => undefined)
    if (!regex || this.#count === 0) return stretches.map(() => [])
    const found = bounded(LIMIT_MS, () => stretches.map((stretch) => groupsAt(regex, stretch)))
    if (found === undefined) this.#isGivenUp = true
    return found ?? stretches.map(() => undefined)
  }
}

function groupsAt(regex: RegExp, { text, from, to }: Stretch): Groups | undefined {
  regex.lastIndex = from
  const match = regex.exec(text)
  if (!match || match[0].length !== to - from) return undefined
  return match.slice(1).map((group: string | undefined) => group ?? null)
}

/** Undefined when it is no regular expression here. */
function compile(query: string, matchCase: boolean): RegExp | undefined {
  const inline = /^\(\?([ims]+)\)/.exec(query)
  const source = query.slice(inline?.[0].length ?? 0).replaceAll('(?P<', '(?<')
  const flags = [...new Set(`my${inline?.[1] ?? ''}${matchCase ? '' : 'i'}`)].join('')
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(source, flags + unicode)
    } catch {
      // Without `u` it is less strict about what is escaped.
    }
  }
  return undefined
}
