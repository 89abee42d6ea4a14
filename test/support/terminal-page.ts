import type { Terminal } from '@xterm/headless'
import type { Events } from '../../src/core/wire/operations.ts'
import { pageTerminal, stateOf, written } from './terminal-state.ts'
import type { WireClient } from './worker.ts'

/** A terminal on a channel as the page draws it: sizes and output in their order. */
export class TerminalPage {
  readonly terminal: Terminal
  readonly client: WireClient
  readonly channel: number
  #heard: number

  private constructor(client: WireClient, channel: number, heard: number) {
    this.client = client
    this.channel = channel
    this.terminal = pageTerminal({ cols: 80, rows: 24 })
    this.#heard = heard
    client.listen(channel, (bytes) => {
      this.#hear()
      this.terminal.write(bytes, () => client.paint(channel, bytes.length))
    })
  }

  static async open(client: WireClient, terminal: string, size = { cols: 80, rows: 24 }): Promise<TerminalPage> {
    const before = client.events.length
    const { channel } = await client.request('terminal.attach', { terminal, ...size })
    return new TerminalPage(client, channel, before)
  }

  /** Waits until the screen or its scrollback shows the text. */
  async shows(text: string | RegExp): Promise<void> {
    const matches = () => (typeof text === 'string' ? this.text().includes(text) : text.test(this.text()))
    while (!matches()) {
      await written(this.terminal, '')
      if (matches()) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  text(): string {
    const { active } = this.terminal.buffer
    const lines = Array.from(
      { length: active.length },
      (_, index) => active.getLine(index)?.translateToString(true) ?? '',
    )
    return lines.join('\n')
  }

  /** As of all that has come. */
  async state(): Promise<ReturnType<typeof stateOf>> {
    this.#hear()
    await written(this.terminal, '')
    return stateOf(this.terminal)
  }

  type(text: string): void {
    this.client.type(this.channel, text)
  }

  #hear(): void {
    for (const { event, data } of this.client.events.slice(this.#heard)) {
      const { channel, cols, rows } = data as Events['terminal.resized']
      if (channel !== this.channel) continue
      if (event === 'terminal.resized') this.terminal.write('', () => this.terminal.resize(cols, rows))
      if (event === 'terminal.cleared') this.terminal.write('', () => this.terminal.clear())
    }
    this.#heard = this.client.events.length
  }
}
