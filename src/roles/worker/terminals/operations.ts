import type { Attached, TerminalsResults } from '../../../core/wire/operations/terminals.ts'
import { type Call, changes, type Handlers, reads } from '../wire/handlers.ts'
import type { Terminal } from './terminal.ts'
import { TerminalChannel } from './terminal-channel.ts'

export const terminalsOperations: Handlers<keyof TerminalsResults> = {
  'terminal.open': changes(async ({ cols, rows }, call) => show(await call.services.terminals.open(cols, rows), call)),
  'terminal.attach': reads(({ terminal, cols, rows }, call) => {
    const found = call.services.terminals.get(terminal)
    found.resize(cols, rows)
    return show(found, call)
  }),
  'terminal.detach': reads(({ channel }, { page }) => {
    page.end(page.channel(channel, TerminalChannel))
    return {}
  }),
  'terminal.resize': reads(({ channel, cols, rows }, { page }) => {
    page.channel(channel, TerminalChannel).terminal.resize(cols, rows)
    return {}
  }),
  'terminal.close': changes(({ terminal }, { services }) => {
    services.terminals.close(terminal)
    return {}
  }),
}

/** One channel for each terminal of a page: a second one ends the first. */
function show(terminal: Terminal, { page, after }: Call): Attached {
  for (const shown of page.channels(TerminalChannel)) if (shown.terminal === terminal) page.end(shown)
  const channel = page.open((number) => new TerminalChannel(number, terminal, page))
  after(() => channel.begin())
  return { ...terminal.info, channel: channel.number, replay: channel.replayBytes }
}
