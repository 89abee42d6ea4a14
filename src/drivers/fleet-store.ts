import { join } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import type { FleetStore } from '../core/fleet-store.ts'
import type { LaunchStore } from '../core/launch.ts'
import { quote } from '../core/names.ts'
import { EmbeddedFleetStore } from './embedded-fleet-store.ts'
import { EmbeddedLaunchStore } from './embedded-launch-store.ts'
import type { Logger } from './log.ts'
import { connectRedis } from './redis/connection.ts'
import { RedisFleetStore } from './redis/fleet-store.ts'
import { RedisLaunchStore } from './redis/launch-store.ts'

export interface FleetStoreOptions {
  /** URL of the Redis that keeps the fleet; without it the fleet is kept in `dataDir`. */
  redis?: string
  dataDir: string
  /** The fleet's name: the hash tag of its keys, `omega` by default elsewhere. */
  fleet: string
  log: Logger
}

/**
 * Opens the fleet's state. Throws STORE_UNAVAILABLE when the embedded one is in use or damaged; a Redis that does not
 * answer yet is no error here: readiness is what `ping` says.
 */
export async function openFleetStore({ redis, dataDir, fleet, log }: FleetStoreOptions): Promise<FleetStore> {
  checkFleet(fleet)
  if (redis !== undefined) return new RedisFleetStore(connectRedis(redis, log), fleet)
  return EmbeddedFleetStore.open(join(dataDir, 'fleet', fleet), log)
}

/** Opens what is known of machines that were asked for, beside the fleet's state. */
export async function openLaunchStore({ redis, dataDir, fleet, log }: FleetStoreOptions): Promise<LaunchStore> {
  checkFleet(fleet)
  if (redis !== undefined) return new RedisLaunchStore(connectRedis(redis, log), fleet)
  return EmbeddedLaunchStore.open(join(dataDir, 'launches', fleet))
}

function checkFleet(fleet: string): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(fleet)) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `The fleet's name ${quote(fleet)} cannot be used. It is 1 to 63 characters a-z, 0-9, dot, hyphen and underscore, and begins with a letter or digit. Choose another one.`,
    )
  }
}
