import { Tag } from '../../../core/wire/frames.ts'
import type { ScreenSize } from '../../../drivers/terminal-screen.ts'
import type { Channel, ChannelFrame, Page } from '../wire/page.ts'
import type { Terminal } from './terminal.ts'
import type { View } from './viewers.ts'

/** What a page's terminal says by itself when its window gets or loses the focus (xterm, DECSET 1004). */
const focusReports = new Set(['\x1b[I', '\x1b[O'])

/** A terminal as one page shows it: output out, keys and paint reports in. */
export class TerminalChannel implements Channel {
  readonly uncompressed = true
  readonly number: number
  readonly terminal: Terminal
  readonly #page: Page
  readonly #view: View
  readonly #onKeys: () => void

  constructor(number: number, terminal: Terminal, page: Page, room: ScreenSize, onKeys: () => void) {
    this.number = number
    this.terminal = terminal
    this.#page = page
    this.#onKeys = onKeys
    const viewer = {
      data: (bytes: Uint8Array) => page.data(number, bytes),
      resized: ({ cols, rows }: ScreenSize) => page.tell('terminal.resized', { channel: number, cols, rows }),
      cleared: () => page.tell('terminal.cleared', { channel: number }),
    }
    // Who may only look changes nothing for others, the size neither.
    this.#view = terminal.attach(viewer, room, page.mayChange)
  }

  /** Sends what is there. */
  begin(): void {
    this.#view.begin()
  }

  show(room: ScreenSize | undefined): void {
    this.#view.show(room)
  }

  receive(frame: ChannelFrame): void {
    if (frame.tag === Tag.painted) {
      this.#view.painted(frame.bytes)
      return
    }
    // Who may only look sees what others type.
    if (!this.#page.mayChange) return
    if (!focusReports.has(Buffer.from(frame.payload.subarray(0, 4)).toString('latin1'))) this.#onKeys()
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
