import type { FleetStore } from '../../core/fleet-store.ts'

/** What the last decision was, for all masters and for people. */
const BOOKMARK = 'scaling'

export interface ScalingStatus {
  /** Machines that were asked for and have not joined. */
  coming: number
  /** Why no more are asked for though they are wanted; absent if that is not so. */
  blocked?: string
  /** What was done last, and why; milliseconds since the epoch. */
  last?: { at: number; what: string }
}

export async function statusOf(store: Pick<FleetStore, 'bookmark'>): Promise<ScalingStatus> {
  const text = await store.bookmark(BOOKMARK)
  return text === undefined ? { coming: 0 } : (JSON.parse(text) as ScalingStatus)
}

export async function tellStatus(store: Pick<FleetStore, 'setBookmark'>, status: ScalingStatus): Promise<void> {
  await store.setBookmark(BOOKMARK, JSON.stringify(status))
}
