import type { SandboxEvent } from './fleet-store.ts'

/** A sandbox's story keeps its newest events, this many. */
export const EVENTS_KEPT = 200
/** The story of a sandbox that has no place (yet, or any more) is kept this long after its last event. */
export const STORY_LAPSES_AFTER_MS = 3_600_000

/** `lapsesAt` is 0 while the sandbox has a place. */
export interface KeptStory {
  id: string
  events: SandboxEvent[]
  lapsesAt: number
}

/** The stories of all sandboxes: a ring of events each. */
export class FleetStories {
  readonly #stories = new Map<string, KeptStory>()

  append(now: number, id: string, event: SandboxEvent, hasPlace: boolean): void {
    const story = this.#alive(id, now) ?? { id, events: [], lapsesAt: 0 }
    // A copy, as a store on disk or in Redis gives it back.
    story.events.push(JSON.parse(JSON.stringify(event)))
    if (story.events.length > EVENTS_KEPT) story.events.shift()
    story.lapsesAt = hasPlace ? 0 : now + STORY_LAPSES_AFTER_MS
    this.#stories.set(id, story)
  }

  of(id: string, now: number): SandboxEvent[] {
    return structuredCopy(this.#alive(id, now)?.events ?? [])
  }

  /** The sandbox has a place: its story stays. */
  keepOn(id: string): void {
    const story = this.#stories.get(id)
    if (story) story.lapsesAt = 0
  }

  letLapse(id: string, now: number): void {
    const story = this.#stories.get(id)
    if (story) story.lapsesAt = now + STORY_LAPSES_AFTER_MS
  }

  kept(now: number): KeptStory[] {
    for (const id of [...this.#stories.keys()]) this.#alive(id, now)
    return structuredCopy([...this.#stories.values()])
  }

  restore(stories: KeptStory[]): void {
    for (const story of structuredCopy(stories)) this.#stories.set(story.id, story)
  }

  #alive(id: string, now: number): KeptStory | undefined {
    const story = this.#stories.get(id)
    if (!story || story.lapsesAt === 0 || now < story.lapsesAt) return story
    this.#stories.delete(id)
    return undefined
  }
}

function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
