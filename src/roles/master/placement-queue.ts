import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetStore, PlaceAnswer } from '../../core/fleet-store.ts'
import type { LaunchStore } from '../../core/launch.ts'
import { noCapacity } from './refusals.ts'
import { statusOf } from './scaling-status.ts'

const POLL_MS = 250
/** With nothing on its way and nothing to be launched, this is long enough for the decision to come round. */
const HOPELESS_AFTER_MS = 5_000

export interface PlacementQueueParts {
  store: FleetStore
  launches: LaunchStore
  /** Who stands in line is served or refused by then, milliseconds. */
  waitMs: number
  now: () => number
}

/** Creates that wait for a host: served in the order they came, whichever master they came to. */
export class PlacementQueue {
  readonly #parts: PlacementQueueParts

  constructor(parts: PlacementQueueParts) {
    this.#parts = parts
  }

  /**
   * Places at once if nobody waits, else in its turn. `full` is never the answer: rejects with NO_CAPACITY, saying why,
   * when there is nothing to wait for, or it took too long.
   */
  async place(
    id: string,
    place: () => Promise<PlaceAnswer>,
    tell: (message: string) => void,
  ): Promise<Exclude<PlaceAnswer, { outcome: 'full' }>> {
    const { launches, waitMs, now } = this.#parts
    const began = now()
    let hopelessSince: number | undefined
    let said = ''
    try {
      for (;;) {
        const waiting = await launches.waiting()
        const before = waiting === 0 ? 0 : await launches.wait(id)
        if (waiting === 0 || before < (await this.#free())) {
          const answer = await place()
          if (answer.outcome !== 'full') return answer
        }
        const position = await launches.wait(id)
        const { coming, blocked } = await statusOf(this.#parts.store)
        const waited = now() - began
        hopelessSince = blocked !== undefined && coming === 0 ? (hopelessSince ?? now()) : undefined
        const isHopeless = hopelessSince !== undefined && now() - hopelessSince >= HOPELESS_AFTER_MS
        if (isHopeless || waited >= waitMs) {
          throw noCapacity(
            await this.#parts.store.listHosts(),
            isHopeless ? blocked : `waited ${Math.round(waited / 1000)} s`,
          )
        }
        const message = queueText(position, coming, blocked)
        if (message !== said) tell(message)
        said = message
        await sleep(POLL_MS)
      }
    } finally {
      await launches.leave(id).catch(() => undefined)
    }
  }

  async #free(): Promise<number> {
    const hosts = await this.#parts.store.listHosts()
    const ready = hosts.filter(({ state }) => state === 'ready')
    return ready.reduce((sum, { capacity, containers }) => sum + Math.max(0, capacity - containers), 0)
  }
}

function queueText(before: number, coming: number, blocked: string | undefined): string {
  const ahead = before === 0 ? 'next in line' : `${before} before it in line`
  const hosts = coming === 1 ? '1 host is starting' : `${coming} hosts are starting`
  const why = coming > 0 ? hosts : (blocked ?? 'a host is about to be launched')
  return `waiting for a place: ${ahead}; ${why}`
}
