import type { Logger } from '../../drivers/log.ts'

export interface DeadMansSwitchOptions {
  /** Without a master for so long the machine of a host without sandboxes goes, milliseconds. */
  afterMs: number
  /** Since a master answered. */
  silentMs: () => number
  sandboxes: () => number
  powerOff: () => Promise<void>
  log: Logger
}

/** With sandboxes it waits so many times as long: people may use them, and need no master for it. */
const WITH_SANDBOXES = 48

/** A machine that nobody looks after costs money for ever: it turns itself off, and its provider takes it back. */
export class DeadMansSwitch {
  readonly #options: DeadMansSwitchOptions

  constructor(options: DeadMansSwitchOptions) {
    this.#options = options
  }

  /** Called every so often. */
  async look(): Promise<void> {
    const { afterMs, silentMs, sandboxes, powerOff, log } = this.#options
    const limit = sandboxes() === 0 ? afterMs : afterMs * WITH_SANDBOXES
    if (silentMs() <= limit) return
    log.error(
      { silentMs: Math.round(silentMs()), sandboxes: sandboxes() },
      'no master looks after this host; it turns itself off',
    )
    await powerOff()
  }
}
