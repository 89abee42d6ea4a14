import type { Level, Observed, ScriptFrame, Shown } from '../../../core/wire/observed.ts'
import { Store } from '../../shared/store.ts'

/** More is not kept; the oldest go. */
const MOST_ENTRIES = 1_000

export interface LogEntry {
  readonly id: number
  /** page: another page began; note: a word of our own. */
  readonly kind: 'printed' | 'failed' | 'request' | 'page' | 'note'
  readonly level: Level
  readonly values: readonly Shown[]
  /** Inside so many groups. */
  readonly depth: number
  /** The innermost call first. */
  readonly stack: readonly ScriptFrame[]
  /** How often it came in a row. */
  readonly times: number
}

export interface LogState {
  readonly entries: readonly LogEntry[]
  /** Since it was emptied, also of entries that have gone. */
  readonly errors: number
  readonly warnings: number
}

const empty: LogState = { entries: [], errors: 0, warnings: 0 }

/** What a preview's pages printed, and what went wrong in them. */
export class ConsoleLog {
  readonly state = new Store<LogState>(empty)
  readonly #keeps: () => boolean
  #next = 1
  #pages = 0

  /** `keeps`: whether the log goes on when another page begins. */
  constructor(keeps: () => boolean) {
    this.#keeps = keeps
  }

  clear(): void {
    this.state.set(empty)
  }

  /** A page began at this path; the log begins anew, unless it is to be kept. */
  pageBegan(path: string): void {
    this.#pages++
    if (!this.#keeps()) this.clear()
    else if (this.#pages > 1) this.#put('page', 'log', [text(path)])
  }

  /** The page itself came with a failure's status. */
  add(url: string, status: number): void {
    this.#put('request', 'error', [text(`GET ${url} was answered with ${status}`)])
  }

  take(observed: Observed): void {
    if (observed.type === 'printed') {
      this.#put('printed', observed.level, observed.values, observed.stack, observed.depth)
    } else if (observed.type === 'failed') {
      this.#put('failed', 'error', [text(observed.text)], observed.stack)
    } else if (observed.type === 'request') {
      const { method, url, status, reason } = observed
      const what = status === 0 ? `failed: ${reason || 'there was no answer'}` : `was answered with ${status} ${reason}`
      this.#put('request', 'error', [text(`${method} ${url} ${what.trim()}`)])
    } else if (observed.type === 'cleared') {
      this.clear()
      this.#put('note', 'log', [text('The page emptied the console.')])
    } else if (observed.type === 'dropped') {
      this.#put('note', 'warn', [text(`${observed.count} more lines were printed at once and are not shown.`)])
    }
  }

  #put(
    kind: LogEntry['kind'],
    level: Level,
    values: readonly Shown[],
    stack: readonly ScriptFrame[] = [],
    depth = 0,
  ): void {
    this.state.update(({ entries, errors, warnings }) => {
      const last = entries.at(-1)
      const entry: LogEntry = { id: this.#next++, kind, level, values, depth, stack, times: 1 }
      const again = last !== undefined && isSame(last, entry)
      const rest = again ? entries.slice(0, -1) : entries.slice(-(MOST_ENTRIES - 1))
      return {
        entries: [...rest, again ? { ...last, times: last.times + 1 } : entry],
        errors: errors + (level === 'error' ? 1 : 0),
        warnings: warnings + (level === 'warn' ? 1 : 0),
      }
    })
  }
}

function text(words: string): Shown {
  return { kind: 'text', text: words }
}

function isSame(one: LogEntry, other: LogEntry): boolean {
  if (one.kind !== other.kind || one.level !== other.level || one.kind === 'page') return false
  const tell = ({ values, stack, depth }: LogEntry) => JSON.stringify([values, stack[0], depth])
  return tell(one) === tell(other)
}

/** What an entry says, as plain text: to be searched and copied. */
export function plainText({ values }: Pick<LogEntry, 'values'>): string {
  return values.map(valueText).join(' ')
}

function valueText({ kind, text: words, entries }: Shown): string {
  if (kind === 'error' || !entries || entries.length === 0) return words
  return `${words} {${entries.map(([name, value]) => `${name}: ${valueText(value)}`).join(', ')}}`
}

export interface LogFilter {
  readonly text: string
  /** The levels shown; log and info count as one. */
  readonly levels: readonly LevelGroup[]
}

export const levelGroups = ['error', 'warn', 'log', 'debug'] as const
export type LevelGroup = (typeof levelGroups)[number]

export function groupOf(level: Level): LevelGroup {
  return level === 'info' ? 'log' : level
}

/** The entries that a filter lets through; marks of pages always. */
export function filtered(entries: readonly LogEntry[], { text: wanted, levels }: LogFilter): readonly LogEntry[] {
  const words = wanted.trim().toLowerCase()
  return entries.filter(
    (entry) =>
      entry.kind === 'page' ||
      (levels.includes(groupOf(entry.level)) && (words === '' || plainText(entry).toLowerCase().includes(words))),
  )
}
