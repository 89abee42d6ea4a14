import type { HostProvider, Offering } from '../../core/host-provider.ts'
import type { LaunchLimits } from '../../core/launch.ts'
import type { ScalingSettings } from '../../core/scaling.ts'

/** How a fleet gets and gives up hosts by itself. */
export interface ScalingConfig {
  provider: HostProvider
  /** What to ask for, the best first. */
  offerings: readonly Offering[]
  settings: ScalingSettings
  limits: LaunchLimits
  /** What a new machine runs at its first boot: always the same for the same launch. */
  userData: (launchId: string, joinToken: string, masterUrl: string) => string
  /** What a host says that runs what new ones get; absent where that is not known. */
  version?: string
  /** Where machines reach the master, if it is not its public URL. */
  masterUrl?: string
  /** What differs from the usual pace. */
  pace?: Partial<ScalingPace>
}

/** Milliseconds. */
export interface ScalingPace {
  everyMs: number
  /** How long a master's turn lasts without another pass. */
  leaseMs: number
  /** The provider is asked for all machines this often while something is on its way, and when nothing is. */
  listBusyMs: number
  listIdleMs: number
  /** The provider must have made a machine by then, and its manager must have joined by then. */
  launchWithinMs: number
  joinWithinMs: number
  /** An offering that was not to be had is left alone so long; one that the account may have no more of, longer. */
  offeringRestMs: number
  accountRestMs: number
  /** After an order that was wrong, or hosts that do not join, nothing is asked for so long; doubled each time. */
  faultRestMs: number
  /** A machine may be missing from the provider's list for so long after it was made. */
  visibleWithinMs: number
  /** A machine nobody asked for is ended when it was seen twice with so much time in between. */
  orphanMs: number
  /** A host that is not heard of is ended though its machine runs: without sandboxes, and with. */
  deadEmptyMs: number
  deadMs: number
  /** After an upgrade hosts are replaced when it has held for so long. */
  rollAfterMs: number
  /** Who stands in line is served or refused by then. */
  waitMs: number
}

export const usualScalingPace: ScalingPace = {
  everyMs: 1_000,
  leaseMs: 20_000,
  listBusyMs: 5_000,
  listIdleMs: 60_000,
  launchWithinMs: 60_000,
  joinWithinMs: 480_000,
  offeringRestMs: 180_000,
  accountRestMs: 600_000,
  faultRestMs: 60_000,
  visibleWithinMs: 120_000,
  orphanMs: 600_000,
  deadEmptyMs: 300_000,
  // By then it has turned itself off, if it can (ORPHANED_AFTER in cli/scaling.ts, roles/manager/dead-mans-switch.ts).
  deadMs: 25 * 3_600_000,
  rollAfterMs: 600_000,
  waitMs: 480_000,
}
