import type { Level, Observed, ScriptFrame, Shown } from '../../../core/wire/observed.ts'

/** What is more than our script ever sends is somebody else's, or somebody's joke. */
const MOST_AT_ONCE = 400
const MOST_TEXT = 12_000
const MOST_DEPTH = 6
const MOST_ENTRIES = 120
const MOST_NODES = 2_000

const levels = new Set<unknown>(['debug', 'log', 'info', 'warn', 'error'] satisfies Level[])

type Fields = Readonly<Record<string, unknown>>

/**
 * A message from a preview's frame. The page there may be anybody's: of what does not look like a message of our script
 * nothing is taken, and what is taken is bounded text.
 */
export function readMessage(data: unknown): { key: string; observed: Observed[] } | undefined {
  if (!isFields(data) || typeof data.omega !== 'string' || !Array.isArray(data.observed)) return undefined
  const observed = data.observed.slice(0, MOST_AT_ONCE).flatMap((one) => (isFields(one) ? (read(one) ?? []) : []))
  return { key: data.omega, observed }
}

function read(one: Fields): Observed | undefined {
  switch (one.type) {
    case 'began':
      return { type: 'began', url: text(one.url), status: count(one.status) }
    case 'at': {
      const [canGoBack, canGoForward] = [one.canGoBack === true, one.canGoForward === true]
      return { type: 'at', url: text(one.url), title: text(one.title).slice(0, 300), canGoBack, canGoForward }
    }
    case 'printed': {
      const budget = { nodes: MOST_NODES }
      const values = list(one.values)
        .slice(0, MOST_ENTRIES)
        .map((value) => shown(value, 0, budget))
      const level = levels.has(one.level) ? (one.level as Level) : 'log'
      return { type: 'printed', level, values, depth: Math.min(20, count(one.depth)), stack: stack(one.stack) }
    }
    case 'failed':
      return { type: 'failed', text: text(one.text), stack: stack(one.stack) }
    case 'request': {
      const [method, url, reason] = [text(one.method), text(one.url), text(one.reason)]
      return { type: 'request', method: method.slice(0, 20), url, status: count(one.status), reason }
    }
    case 'cleared':
      return { type: 'cleared' }
    case 'dropped':
      return { type: 'dropped', count: count(one.count) }
    default:
      return undefined
  }
}

function shown(value: unknown, depth: number, budget: { nodes: number }): Shown {
  budget.nodes--
  if (!isFields(value) || budget.nodes < 0) return { kind: 'nothing', text: '...' }
  const base: Shown = { kind: text(value.kind).slice(0, 20), text: text(value.text) }
  if (typeof value.style === 'string') base.style = value.style.slice(0, 500)
  if (!Array.isArray(value.entries) || depth >= MOST_DEPTH) return base
  const entries = value.entries.slice(0, MOST_ENTRIES).flatMap((entry): [string, Shown][] => {
    if (!Array.isArray(entry)) return []
    return [[text(entry[0]).slice(0, 300), shown(entry[1], depth + 1, budget)]]
  })
  const more = count(value.more)
  return { ...base, entries, ...(more > 0 ? { more } : {}) }
}

function stack(value: unknown): ScriptFrame[] {
  return list(value)
    .slice(0, 20)
    .flatMap((frame) => {
      if (!isFields(frame)) return []
      const { name, url, line, column } = frame
      return [
        { name: text(name).slice(0, 200), url: text(url).slice(0, 2000), line: count(line), column: count(column) },
      ]
    })
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_TEXT) : ''
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}
