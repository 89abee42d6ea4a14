import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import type { MenuItem } from '../../shared/menu.tsx'
import { shownKeys } from '../keys/keys.ts'
import type { Workspace } from '../workspace.ts'

/** What the right click on a screen offers. */
export function screenMenu(workspace: Workspace, info: TerminalInfo): MenuItem[] {
  const { terminals } = workspace
  const { terminal } = info
  const tools = terminals.tools.get(terminal)
  if (!tools) return []
  const copies: MenuItem[] = [
    ...(tools.hasSelection()
      ? [{ id: 'copy', title: 'Copy', key: 'Ctrl+Shift+C', group: 'text', run: tools.copy }]
      : []),
    { id: 'paste', title: 'Paste', key: 'Ctrl+V', group: 'text', run: tools.paste },
    { id: 'all', title: 'Select all', group: 'text', run: tools.selectAll },
    { id: 'output', title: "Select the last command's output", group: 'text', run: tools.selectOutput },
  ]
  return [
    ...copies,
    { id: 'find', title: 'Find', ...keyOf(workspace, 'terminal.find'), group: 'look', run: tools.find },
    clearing(workspace, terminal),
    ...tabMenu(workspace, info, () => {
      terminals.select(terminal)
      workspace.commands.get('terminal.rename')?.run()
    }),
  ]
}

/** What the right click on a tab offers. */
export function tabMenu(workspace: Workspace, info: TerminalInfo, rename: () => void): MenuItem[] {
  const { terminals } = workspace
  const { terminal, kind } = info
  const group = terminals.state.get().groups.find((one) => one.includes(terminal)) ?? []
  const select = (run: () => void) => () => {
    terminals.select(terminal)
    run()
  }
  const split = select(() => workspace.attempt(terminals.openShell({ split: true })))
  const items: (MenuItem | false)[] = [
    { id: 'split', title: 'Split', ...keyOf(workspace, 'terminal.split'), group: 'tab', run: split },
    group.length > 1 && {
      id: 'unsplit',
      title: 'Give it a tab of its own',
      group: 'tab',
      run: () => terminals.unsplit(terminal),
    },
    { id: 'rename', title: 'Rename', ...keyOf(workspace, 'terminal.rename'), group: 'tab', run: rename },
    kind === 'app' && {
      id: 'restart',
      title: 'Restart the app',
      group: 'end',
      run: () => workspace.attempt(terminals.restartApp()),
    },
    kind === 'app' && {
      id: 'stop',
      title: 'Stop the app',
      group: 'end',
      danger: true,
      run: () => workspace.attempt(terminals.close(terminal)),
    },
    kind === 'shell' && {
      id: 'close',
      title: 'Close',
      group: 'end',
      danger: true,
      run: () => workspace.attempt(terminals.close(terminal)),
    },
  ]
  return items.filter((item) => item !== false)
}

function clearing(workspace: Workspace, terminal: string): MenuItem {
  const run = () => workspace.attempt(workspace.terminals.clear(terminal))
  return { id: 'clear', title: 'Clear', ...keyOf(workspace, 'terminal.clear'), group: 'look', run }
}

function keyOf({ keys }: Workspace, command: string): { key?: string } {
  const key = shownKeys(keys.ofId(command))
  return key === '' ? {} : { key }
}
