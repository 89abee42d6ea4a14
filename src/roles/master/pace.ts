import { LOST_AFTER_MS, SILENT_AFTER_MS } from '../../core/host.ts'

/** How long a master waits before it does something about what it sees, in milliseconds. */
export interface Pace {
  /** Between two passes of the reconciler. */
  everyMs: number
  /** How long its turn lasts without another pass: longer than a slow one. */
  leaseMs: number
  /** Hosts are asked for their containers this often, and at once when there is a new one. */
  inventoryEveryMs: number
  /** A host that was not heard of for so long takes no new sandboxes; after longer, its places are given up. */
  silentAfterMs: number
  lostAfterMs: number
  /** How long a container must be missing, or be where it should not be, before anything is taken away for it. */
  suspectMs: number
  /** A manager that was told something and still says otherwise is told again after this time. */
  tellAgainMs: number
  /** Longer than any honest attempt: what a manager may take (ManagerClient), and the work before and after. */
  placingDeadlineMs: number
  /** Whoever began a delete has this long to finish it before the reconciler does. */
  deletingGraceMs: number
  /** After this time one that is being deleted is forgotten even if its host does not answer. */
  deletingDeadlineMs: number
}

export const usualPace: Pace = {
  everyMs: 5_000,
  leaseMs: 20_000,
  inventoryEveryMs: 15_000,
  silentAfterMs: SILENT_AFTER_MS,
  lostAfterMs: LOST_AFTER_MS,
  suspectMs: 60_000,
  tellAgainMs: 30_000,
  placingDeadlineMs: 200_000,
  deletingGraceMs: 5_000,
  deletingDeadlineMs: 600_000,
}
