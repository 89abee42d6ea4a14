import type { Workspace } from '../workspace.ts'

export function addTerminalCommands(workspace: Workspace): void {
  const { commands, layout, terminals } = workspace
  const focus = () => {
    layout.show('terminal')
    layout.showPane('terminal')
    const { active } = terminals.state.get()
    if (active !== undefined) terminals.select(active)
  }
  const toggle = () => {
    const focused = document.activeElement?.closest('.terminals')
    if (layout.state.get().hidden.includes('terminal') || !focused) focus()
    else layout.toggle('terminal')
  }
  commands.add(
    { id: 'terminal.toggle', title: 'Show or hide the terminal', key: 'Ctrl+`', run: toggle },
    {
      id: 'terminal.new',
      title: 'New terminal',
      key: 'Ctrl+Shift+`',
      run: () => workspace.attempt(terminals.openShell().then(focus)),
    },
    { id: 'app.restart', title: 'Restart the app', run: () => workspace.attempt(terminals.restartApp()) },
  )
}
