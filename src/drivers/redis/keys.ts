import { createHash } from 'node:crypto'

/**
 * The keys of one fleet. All begin with its name in braces, so that Redis Cluster keeps them in one slot and a script
 * may touch any of them; docs/redis.md describes each.
 */
export function fleetKeys(fleet: string) {
  const prefix = `{${fleet}}`
  return {
    hosts: `${prefix}:hosts`,
    ports: `${prefix}:ports`,
    hostRecords: `${prefix}:host:records`,
    hostTaken: `${prefix}:host:taken`,
    hostBeats: `${prefix}:host:beats`,
    hostLoads: `${prefix}:host:loads`,
    sandboxRecords: `${prefix}:sandbox:records`,
    sandboxNames: `${prefix}:sandbox:names`,
    feed: `${prefix}:events`,
    bookmarks: `${prefix}:bookmarks`,
    sandboxDeleted: `${prefix}:sandbox:deleted`,
    launches: `${prefix}:launches`,
    launchTimes: `${prefix}:launch:times`,
    launchFence: `${prefix}:launch:fence`,
    waiting: `${prefix}:waiting`,
    waitingHeard: `${prefix}:waiting:heard`,
    moves: `${prefix}:moves`,
    ping: `${prefix}:ping`,
    events: (id: string) => `${prefix}:sandbox:events:${id}`,
    lease: (name: string) => `${prefix}:lease:${name}`,
    settings: (person: string) => `${prefix}:settings:${person}`,
    /** Keys chosen by callers are hashed: any text of any length becomes 43 harmless characters. */
    once: (key: string) => `${prefix}:once:${createHash('sha256').update(key).digest('base64url')}`,
  }
}

export type FleetKeys = ReturnType<typeof fleetKeys>
