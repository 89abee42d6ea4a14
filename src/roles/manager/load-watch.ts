import type { DiskRoom } from '../../core/container-disk.ts'
import type { HostLoad } from '../../core/host.ts'
import { hostLoad, type Measured } from '../../core/host-pressure.ts'
import type { Logger } from '../../drivers/log.ts'

export interface LoadWatchOptions {
  measure: () => Omit<Measured, 'room'>
  room: () => DiskRoom | undefined
  log: Logger
}

/** How the host is, and whether it can take more; asked with every beat. */
export class LoadWatch {
  readonly #options: LoadWatchOptions
  #last: HostLoad | undefined

  constructor(options: LoadWatchOptions) {
    this.#options = options
  }

  look(): HostLoad {
    const { measure, room, log } = this.#options
    const before = this.#last?.pressure
    const now = room()
    const load = hostLoad({ ...measure(), ...(now && { room: now }) }, before)
    if (load.pressure !== before) {
      if (load.pressure) log.warn({ ...load }, 'the host is under pressure: it takes no new sandboxes')
      else log.info({ ...load }, 'the host takes new sandboxes again')
    }
    this.#last = load
    return load
  }
}
