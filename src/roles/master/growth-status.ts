import type { FleetStore } from '../../core/fleet-store.ts'

/** What the last decision was, for all masters and for people. */
const BOOKMARK = 'growth'

export interface GrowthStatus {
  /** Machines that were asked for and have not joined. */
  coming: number
  /** Why no more are asked for though they are wanted; absent if that is not so. */
  blocked?: string
}

export async function statusOf(store: Pick<FleetStore, 'bookmark'>): Promise<GrowthStatus> {
  const text = await store.bookmark(BOOKMARK)
  return text === undefined ? { coming: 0 } : (JSON.parse(text) as GrowthStatus)
}

export async function tellStatus(store: Pick<FleetStore, 'setBookmark'>, status: GrowthStatus): Promise<void> {
  await store.setBookmark(BOOKMARK, JSON.stringify(status))
}
