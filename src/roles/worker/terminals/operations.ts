import type { Attached, TerminalsResults } from '../../../core/wire/operations/terminals.ts'
import type { ScreenSize } from '../../../drivers/terminal-screen.ts'
import { type Call, changes, changesUnasked, type Handlers, reads } from '../wire/handlers.ts'
import type { Terminal } from './terminal.ts'
import { TerminalChannel } from './terminal-channel.ts'

export const terminalsOperations: Handlers<keyof TerminalsResults> = {
  'terminal.open': changes(async ({ cols, rows, beside }, call) =>
    show(await call.services.terminals.open({ cols, rows }, beside), { cols, rows }, call),
  ),
  'terminal.attach': reads(async ({ terminal, cols, rows }, call) =>
    show(await call.services.terminals.awake(terminal), { cols, rows }, call),
  ),
  'terminal.detach': reads(({ channel }, { page }) => {
    page.end(page.channel(channel, TerminalChannel))
    return {}
  }),
  'terminal.resize': reads(({ channel, cols, rows }, { page }) => {
    page.channel(channel, TerminalChannel).show({ cols, rows })
    return {}
  }),
  'terminal.hide': reads(({ channel }, { page }) => {
    page.channel(channel, TerminalChannel).show(undefined)
    return {}
  }),
  'terminal.rename': changes(({ terminal, name }, { services }) => {
    services.terminals.get(terminal).rename(name)
    return {}
  }),
  'terminal.clear': changes(({ terminal }, { services }) => {
    services.terminals.get(terminal).clear()
    return {}
  }),
  'terminal.colors': changesUnasked((colors, { services }) => {
    services.terminals.colors = colors
    return {}
  }),
  'terminal.close': changes(({ terminal }, { services }) => {
    services.terminals.close(terminal)
    return {}
  }),
}

/** One channel for each terminal of a page: a second one ends the first. */
function show(terminal: Terminal, room: ScreenSize, { page, services, after }: Call): Attached {
  for (const shown of page.channels(TerminalChannel)) if (shown.terminal === terminal) page.end(shown)
  const onKeys = () => services.activity.note('keys')
  const channel = page.open((number) => new TerminalChannel(number, terminal, page, room, onKeys))
  after(() => channel.begin())
  return { ...terminal.info, channel: channel.number }
}
