import { sizeText } from './container-disk.ts'
import { durationText } from './duration-text.ts'
import type { SandboxEvent } from './sandbox-event.ts'

/** A part of a step, in the order it happened. */
export interface StoryPhase {
  name: string
  ms: number
}

/** An event as a person reads it. */
export interface StoryLine {
  /** Milliseconds since the epoch. */
  at: number
  /** Since the first line of its chapter: what follows within a minute belongs together. 0 for that first line. */
  sinceMs: number
  event: string
  /** What happened. */
  text: string
  /** Why, and what else is known; empty if nothing. */
  detail: string
  /** How long it took, if it is known. */
  ms?: number
  phases: StoryPhase[]
  tone: 'work' | 'good' | 'rest' | 'bad'
}

const CHAPTER_MS = 60_000

/** What the events of a sandbox tell: which host and why, where the time went, each later change with its cause. */
export function storyOf(events: readonly SandboxEvent[]): StoryLine[] {
  let chapter = Number.NEGATIVE_INFINITY
  return events.map(({ at, event, data }) => {
    if (at - chapter > CHAPTER_MS) chapter = at
    const facts = new Facts(data)
    const { text = plain(event), detail = [], tone = 'work', ms, phases = [] } = tellers.get(event)?.(facts) ?? {}
    const cause = facts.text('cause')
    const why = causes.get(cause) ?? cause
    const parts = [why, ...detail, ...facts.rest()].filter((part) => part !== '')
    const took = ms === undefined ? {} : { ms }
    return { at, sinceMs: at - chapter, event, text, detail: parts.join('; '), ...took, phases, tone }
  })
}

/** One event in one line, for lists of many sandboxes' events. */
export function eventText(event: SandboxEvent): string {
  const [line] = storyOf([event])
  if (!line) return ''
  const took = line.ms === undefined ? '' : ` (${durationText(line.ms)})`
  return `${line.text}${took}${line.detail === '' ? '' : `: ${line.detail}`}`
}

type Telling = Partial<Pick<StoryLine, 'text' | 'tone' | 'phases'>> & { detail?: string[]; ms?: number | undefined }

/** Where a container came from (`ContainerOrigin`). */
const origins = new Map([
  ['pool', 'a warm container was taken'],
  ['start', 'a container was started'],
  ['copy', "a container was made of the other one's files"],
])

/** What the words of managers and masters mean; any other text is shown as it is. */
const causes = new Map([
  ['asked', 'somebody asked for it'],
  ['visit', 'somebody came'],
  ['idle', 'nobody used it'],
  ['memory', 'its host had little memory left'],
  ['ended', 'its processes had ended'],
  ['found', 'its host says so'],
  ['disk', 'its disk was full: start it, and remove what it does not need within ten minutes'],
  ['host-disk', 'the disk of its host was all but full, and it wrote most'],
  ['ttl', 'its time was over'],
  ['restored', 'a snapshot was put back'],
  ['moved', 'it was moved'],
])

/** How each event is told. What is not here is told by its name and its facts. */
const tellers = new Map<string, (facts: Facts) => Telling>(
  Object.entries({
    placed(facts) {
      const [containers, capacity] = [facts.number('containers'), facts.number('capacity')]
      const fill =
        containers === undefined ? '' : ` (${containers}${capacity === undefined ? '' : ` of ${capacity}`} now)`
      const beside = facts.text('beside')
      return {
        text: `placed on ${facts.text('host') || 'a host'}`,
        detail: [
          `${beside ? `beside ${beside}, whose copy it is` : 'of the hosts with room it had the fewest sandboxes'}${fill}`,
        ],
      }
    },
    failed: (facts) => ({
      text: `${facts.text('host') || 'the host'} failed; the next one is tried`,
      tone: 'bad',
      ms: facts.number('ms'),
      detail: [facts.text('reason')],
    }),
    container(facts) {
      const port = facts.number('port')
      const [ms, all] = [facts.number('ms'), facts.number('total')]
      const phases = facts.phases()
      const origin = facts.text('origin')
      const what = origins.get(origin) ?? 'the container answers'
      return { text: port === undefined ? what : `${what}, on port ${port}`, ms: ms ?? all ?? total(phases), phases }
    },
    published: (facts) => ({ text: 'its name resolves', detail: [facts.text('name')], ms: facts.number('ms') }),
    running(facts) {
      const [ms, from, snapshot] = [facts.number('ms'), facts.text('from'), facts.text('snapshot')]
      facts.drop('host', 'port')
      const after = ms === undefined ? '' : `, ${durationText(ms)} after it was asked for`
      return {
        text: `running${from === '' ? '' : ` as a copy of ${from}`}${snapshot === '' ? '' : ` at ${snapshot}`}${after}`,
        tone: 'good',
      }
    },
    asleep: () => ({ text: 'fell asleep', tone: 'rest' }),
    awake: (facts) => ({ text: 'woke up', tone: 'good', ms: facts.number('ms') }),
    stopped: (facts) => ({ text: 'stopped; its files are kept', tone: 'rest', ms: facts.number('ms') }),
    started: (facts) => ({ text: 'started', tone: 'good', ms: facts.number('ms') }),
    renamed(facts) {
      const [from, to] = [facts.text('from'), facts.text('to') || facts.text('name')]
      return { text: ['renamed', from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(' ') }
    },
    forked(facts) {
      const to = facts.text('to')
      facts.drop('id')
      return { text: to === '' ? 'copied' : `copied to ${to}`, ms: facts.number('ms') }
    },
    snapshot(facts) {
      const [name, bytes] = [facts.text('name'), facts.number('bytes')]
      const size = bytes === undefined ? '' : ` (${sizeText(bytes)})`
      return { text: name === '' ? `its files were kept${size}` : `its files were kept as ${name}${size}` }
    },
    moving: (facts) => ({ text: `leaves ${facts.text('from')} for ${facts.text('to')}`, tone: 'rest' }),
    moved: (facts) => ({
      text: `moved from ${facts.text('from')} to ${facts.text('to')}`,
      tone: 'good',
      ms: facts.number('ms'),
    }),
    stayed: (facts) => ({ text: `stays on ${facts.text('host')}`, detail: [facts.text('reason')], tone: 'bad' }),
    restored: (facts) => ({
      text: `its files are those of ${facts.text('snapshot') || 'a snapshot'} again`,
      tone: 'good',
    }),
    expiry(facts) {
      const end = facts.text('expiresAt')
      if (end === '') return { text: 'has no end any more' }
      return { text: facts.text('cause') === 'kept' ? `kept by its people: ends at ${end}` : `ends at ${end}` }
    },
    adopted: (facts) => ({ text: `found on ${facts.text('host') || 'its host'} and taken over`, tone: 'good' }),
    lost: () => ({ text: 'lost: its container is gone', tone: 'bad' }),
    gone: () => ({ text: 'its container is gone', tone: 'bad' }),
    deleting: () => ({ text: 'being deleted', tone: 'rest' }),
    deleted: (facts) => ({ text: 'deleted', tone: 'rest', ms: facts.number('ms') }),
  } satisfies Record<string, (facts: Facts) => Telling>),
)

/** An event's data; what was not asked for is shown as it is, so that nothing is kept from the reader. */
class Facts {
  readonly #left: Map<string, unknown>

  constructor(data: Record<string, unknown>) {
    this.#left = new Map(Object.entries(data))
  }

  text(name: string): string {
    const value = this.#left.get(name)
    if (typeof value !== 'string') return ''
    this.#left.delete(name)
    return value
  }

  number(name: string): number | undefined {
    const value = this.#left.get(name)
    if (typeof value !== 'number') return undefined
    this.#left.delete(name)
    return value
  }

  drop(...names: string[]): void {
    for (const name of names) this.#left.delete(name)
  }

  /** All numbers that are left are milliseconds of a phase. */
  phases(): StoryPhase[] {
    const found = [...this.#left].flatMap(([name, ms]) => (typeof ms === 'number' ? [{ name, ms }] : []))
    this.drop(...found.map(({ name }) => name))
    return found
  }

  rest(): string[] {
    return [...this.#left]
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => {
        if (typeof value === 'number' && name.endsWith('Ms'))
          return `${plain(name.slice(0, -2))} ${durationText(value)}`
        return `${plain(name)} ${typeof value === 'string' ? value : JSON.stringify(value)}`
      })
  }
}

/** `container-started`, `lastInput`: as words. */
function plain(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])(?=[a-z]{2})/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replaceAll(/[-_]/g, ' ')
}

function total(phases: readonly StoryPhase[]): number | undefined {
  return phases.length === 0 ? undefined : phases.reduce((sum, { ms }) => sum + ms, 0)
}
