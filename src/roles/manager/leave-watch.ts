import type { Logger } from '../../drivers/log.ts'

export interface LeaveWatchOptions {
  /** Asks the machine's provider; milliseconds since the epoch, undefined while it stays. */
  takenBackAt: () => Promise<number | undefined>
  /** Told once that it goes. */
  onNotice: () => void
  log: Logger
}

/** Knows when the machine's provider takes it back, as EC2 does with spot instances two minutes ahead. */
export class LeaveWatch {
  readonly #options: LeaveWatchOptions
  #leavesAt: number | undefined
  #failed = false

  constructor(options: LeaveWatchOptions) {
    this.#options = options
  }

  get leavesAt(): number | undefined {
    return this.#leavesAt
  }

  /** Called every few seconds. */
  async look(): Promise<void> {
    const { takenBackAt, onNotice, log } = this.#options
    try {
      const at = await takenBackAt()
      const isNews = at !== undefined && this.#leavesAt === undefined
      // A notice can be withdrawn.
      this.#leavesAt = at
      this.#failed = false
      if (!isNews) return
      log.error({ at: new Date(at).toISOString() }, 'the provider takes this machine back')
      onNotice()
    } catch (error) {
      if (!this.#failed) log.warn({ err: error }, 'the provider does not tell whether this machine stays')
      this.#failed = true
    }
  }
}
