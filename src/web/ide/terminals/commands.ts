import type { Command } from '../palette/command.ts'
import type { Workspace } from '../workspace.ts'
import { TerminalPane } from './terminal-pane.tsx'

export function addTerminalCommands(workspace: Workspace): void {
  const { commands, layout, panelViews, terminals } = workspace
  panelViews.add({ id: 'terminal', title: 'Terminal', load: () => TerminalPane })
  const focus = () => {
    layout.showPanelView('terminal')
    const { active } = terminals.state.get()
    if (active !== undefined) terminals.select(active)
  }
  const toggle = () => {
    const focused = document.activeElement?.closest('.panel')
    if (layout.isShown('panel') && focused && layout.state.get().panelView === 'terminal') layout.toggle('panel')
    else focus()
  }
  const open = (split: boolean) => workspace.attempt(terminals.openShell({ split }).then(focus))
  const withActive = (run: (terminal: string) => void) => () => {
    const { active } = terminals.state.get()
    if (active !== undefined) run(active)
  }
  const rename = withActive((terminal) => {
    layout.showPanelView('terminal')
    terminals.renaming.set(terminal)
  })
  const close = withActive((terminal) => workspace.attempt(terminals.close(terminal)))
  const clear = withActive((terminal) => workspace.attempt(terminals.clear(terminal)))
  const tools = (run: (tools: NonNullable<typeof terminals.activeTools>) => void) => () => {
    if (terminals.activeTools) run(terminals.activeTools)
  }
  const inShell = () => isInTerminal() && terminals.activeTools?.isFullScreen() === false
  const list: Command[] = [
    { id: 'terminal.toggle', title: 'Show or hide the terminal', key: 'Ctrl+`', run: toggle },
    { id: 'terminal.new', title: 'New terminal', key: 'Ctrl+Shift+`', run: () => open(false) },
    { id: 'terminal.split', title: 'Split the terminal', key: 'Ctrl+Shift+5', run: () => open(true) },
    { id: 'terminal.rename', title: 'Rename the terminal', run: rename },
    { id: 'terminal.close', title: 'Close the terminal', run: close },
    { id: 'terminal.clear', title: 'Clear the terminal', run: clear },
    {
      id: 'terminal.find',
      title: 'Find in the terminal',
      key: 'Ctrl+F',
      inTerminal: true,
      when: isInTerminal,
      run: tools((its) => its.find()),
    },
    {
      id: 'terminal.previousCommand',
      title: 'Terminal: go to the previous command',
      key: 'Ctrl+ArrowUp',
      inTerminal: true,
      when: inShell,
      run: tools((its) => its.goToCommand(-1)),
    },
    {
      id: 'terminal.nextCommand',
      title: 'Terminal: go to the next command',
      key: 'Ctrl+ArrowDown',
      inTerminal: true,
      when: inShell,
      run: tools((its) => its.goToCommand(1)),
    },
    {
      id: 'terminal.selectOutput',
      title: "Terminal: select the last command's output",
      run: tools((its) => its.selectOutput()),
    },
    {
      id: 'terminal.next',
      title: 'Next terminal',
      key: 'Ctrl+PageDown',
      inTerminal: true,
      when: isInTerminal,
      run: () => terminals.step(1),
    },
    {
      id: 'terminal.previous',
      title: 'Previous terminal',
      key: 'Ctrl+PageUp',
      inTerminal: true,
      when: isInTerminal,
      run: () => terminals.step(-1),
    },
    { id: 'app.restart', title: 'Restart the app', run: () => workspace.attempt(terminals.restartApp()) },
  ]
  commands.add(...list)
}

function isInTerminal(): boolean {
  return document.activeElement?.closest('.screens') !== null && document.activeElement !== null
}
