import { type DiskRoom, isShort, reserveOf } from './container-disk.ts'
import type { HostLoad, Pressure } from './host.ts'

/** As in "short of ...". */
export const pressureText: Record<Pressure, string> = { memory: 'memory', disk: 'disk', load: 'processor time' }

/** How a machine is. */
export interface Measured {
  /** Share of its memory that is free, 0 to 1. */
  freeMemory: number
  /** Absent where its containers' disk cannot be looked at. */
  room?: DiskRoom
  /** Processes that run or want to, per processor, over the last minute. */
  load: number
  /** When its provider takes the machine back, milliseconds since the epoch. */
  leavesAt?: number
}

/**
 * Memory is not shared out twice; below this, programs are ended by the kernel. Processors are: sandboxes wait for each
 * other long before a host is of no use to anybody, so only a load that no burst of starts makes counts.
 */
const MEMORY_ENOUGH = 0.1
const MEMORY_SHORT = 0.05
const LOAD_MUCH = 10
const LOAD_USUAL = 6
const DISK_ENOUGH = 1.25

/**
 * What the host says of itself, `before` being what it said last: pressure ends a good way behind where it began, so that
 * a host at the edge does not come and go.
 */
export function hostLoad({ freeMemory, room, load, leavesAt }: Measured, before?: Pressure): HostLoad {
  const short: Record<Pressure, boolean> = {
    memory: freeMemory < (before === 'memory' ? MEMORY_ENOUGH : MEMORY_SHORT),
    disk:
      room !== undefined && (isShort(room) || (before === 'disk' && room.freeBytes < reserveOf(room) * DISK_ENOUGH)),
    load: load >= (before === 'load' ? LOAD_USUAL : LOAD_MUCH),
  }
  const pressure = (['memory', 'disk', 'load'] as const).find((what) => short[what])
  return {
    memory: share(1 - freeMemory),
    ...(room && { disk: share(1 - room.freeBytes / Math.max(1, room.totalBytes)) }),
    load: rounded(load),
    ...(pressure && { pressure }),
    ...(leavesAt !== undefined && { leavesAt }),
  }
}

const rounded = (value: number) => Math.round(value * 100) / 100
const share = (value: number) => rounded(Math.min(1, Math.max(0, value)))
