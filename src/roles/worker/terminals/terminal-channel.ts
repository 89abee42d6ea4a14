import { Tag } from '../../../core/wire/frames.ts'
import type { Channel, ChannelFrame, Page } from '../wire/page.ts'
import type { Terminal, View } from './terminal.ts'

/** A terminal as one page shows it: output out, keys and paint reports in. */
export class TerminalChannel implements Channel {
  readonly number: number
  readonly terminal: Terminal
  readonly #page: Page
  readonly #view: View

  constructor(number: number, terminal: Terminal, page: Page) {
    this.number = number
    this.terminal = terminal
    this.#page = page
    this.#view = terminal.attach((bytes) => page.data(number, bytes))
  }

  get replayBytes(): number {
    return this.#view.replay.length
  }

  /** Sends what was there before. */
  begin(): void {
    if (this.#view.replay.length > 0) this.#page.data(this.number, this.#view.replay)
  }

  receive(frame: ChannelFrame): void {
    if (frame.tag === Tag.painted) {
      this.#view.painted(frame.bytes)
      return
    }
    // Who may only look sees what others type.
    if (!this.#page.mayChange) return
    try {
      this.terminal.input(frame.payload)
    } catch {
      // Its program reads nothing and the queue is full; like a real terminal, the rest is not taken.
    }
  }

  connected(is: boolean): void {
    this.#view.present(is)
  }

  close(): void {
    this.#view.detach()
  }
}
