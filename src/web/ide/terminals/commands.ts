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
