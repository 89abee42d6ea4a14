/** Room on the disk that all containers of a host share. */
export interface DiskRoom {
  freeBytes: number
  totalBytes: number
  /** Share of the files it may hold that can still be made, 0 to 1. */
  freeFiles: number
}

/** How much containers have written to the disk they share. A container is told by its key. */
export interface ContainerDisk {
  /** `quota`: the engine refuses what is beyond a container's limit. `watched`: nothing does; somebody must look. */
  readonly limit: 'quota' | 'watched'
  /**
   * Bytes that the container's processes have written since its start, what they removed again included: cheap, and good
   * for knowing whose layer may have grown. Undefined where it cannot be told.
   */
  written(key: string): Promise<number | undefined>
  /** Bytes the container's layer takes. Every file of it is looked at. */
  used(key: string): Promise<number>
  /** Undefined when the engine's disk is not one of this machine. */
  room(): Promise<DiskRoom | undefined>
}

const MIB = 2 ** 20
const RESERVE_SHARE = 0.05
const RESERVE_MOST = 5 * 1024 * MIB
const RESERVE_FILES = 0.02

/** Bytes that are kept for what is there already: a twentieth of the disk, at most 5 GiB. */
export function reserveOf({ totalBytes }: DiskRoom): number {
  return Math.min(RESERVE_MOST, totalBytes * RESERVE_SHARE)
}

/** Whether the host has no room for another sandbox. */
export function isShort(room: DiskRoom): boolean {
  return room.freeBytes < reserveOf(room) || room.freeFiles < RESERVE_FILES
}

/** Whether the host itself is in danger: something must stop writing. */
export function isAlmostFull(room: DiskRoom): boolean {
  return room.freeBytes < reserveOf(room) / 2 || room.freeFiles < RESERVE_FILES / 2
}

/** As people read it: `12 KiB`, `850 MiB`, `5.0 GiB`. */
export function sizeText(bytes: number): string {
  if (bytes < MIB) return `${Math.ceil(bytes / 1024)} KiB`
  return bytes < 1024 * MIB ? `${Math.round(bytes / MIB)} MiB` : `${(bytes / 1024 / MIB).toFixed(1)} GiB`
}
