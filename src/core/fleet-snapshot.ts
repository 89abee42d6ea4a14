import type { FeedEvent } from './fleet-feed.ts'
import type { KeptHost } from './fleet-hosts.ts'
import type { KeptStory } from './fleet-stories.ts'
import type { KeptSettings } from './kept-settings.ts'
import type { KeptLease } from './leases.ts'
import type { KeptOnce } from './once-keys.ts'
import type { Sandbox } from './sandbox.ts'
import type { KeptTombstone } from './tombstones.ts'

/** All of a fleet's state, as JSON. */
export interface FleetSnapshot {
  sandboxes: Sandbox[]
  hosts: KeptHost[]
  stories: KeptStory[]
  once: KeptOnce[]
  /** Absent in snapshots of versions that had none. */
  settings?: { person: string; settings: KeptSettings }[]
  feed?: FeedEvent[]
  bookmarks?: { name: string; text: string }[]
  leases?: KeptLease[]
  tombstones?: KeptTombstone[]
  moves?: { id: string; to: string }[]
}
