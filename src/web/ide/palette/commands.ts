import type { Workspace } from '../workspace.ts'

export type PaletteMode = 'files' | 'commands'

export interface Command {
  id: string
  title: string
  /** As shown: `Ctrl+Shift+P`; Ctrl is also the Mac's command key. */
  key?: string
  run: () => void
}

/** Everything the page can do by name. */
export function commandsOf(workspace: Workspace, show: (mode: PaletteMode) => void): Command[] {
  const { layout, documents, terminals, preview, connection } = workspace
  const active = () => documents.tabs.get().active
  const withActive = (act: (path: string) => Promise<unknown>) => () => {
    const path = active()
    if (path !== undefined) workspace.attempt(act(path))
  }
  const focusTerminal = () => {
    layout.show('terminal')
    layout.showPane('terminal')
    const { active } = terminals.state.get()
    if (active !== undefined) terminals.select(active)
  }
  const toggleTerminal = () => {
    const focused = document.activeElement?.closest('.terminals')
    if (layout.state.get().hidden.includes('terminal') || !focused) focusTerminal()
    else layout.toggle('terminal')
  }
  return [
    { id: 'files', title: 'Go to file', key: 'Ctrl+P', run: () => show('files') },
    { id: 'commands', title: 'Show all commands', key: 'Ctrl+Shift+P', run: () => show('commands') },
    { id: 'commands-f1', title: 'Show all commands', key: 'F1', run: () => show('commands') },
    { id: 'save', title: 'Save', key: 'Ctrl+S', run: withActive((path) => documents.at(path).save()) },
    { id: 'save-all', title: 'Save all', key: 'Ctrl+Alt+S', run: () => workspace.attempt(documents.saveAll()) },
    { id: 'close', title: 'Close tab', key: 'Alt+W', run: withActive((path) => documents.close(path)) },
    { id: 'next', title: 'Next tab', key: 'Alt+PageDown', run: () => documents.step(1) },
    { id: 'previous', title: 'Previous tab', key: 'Alt+PageUp', run: () => documents.step(-1) },
    { id: 'side', title: 'Show or hide files', key: 'Ctrl+B', run: () => layout.toggle('side') },
    { id: 'terminal', title: 'Show or hide terminal', key: 'Ctrl+`', run: toggleTerminal },
    { id: 'preview', title: 'Show or hide preview', key: 'Ctrl+Alt+P', run: () => layout.toggle('preview') },
    {
      id: 'shell',
      title: 'New terminal',
      key: 'Ctrl+Shift+`',
      run: () => workspace.attempt(terminals.openShell().then(focusTerminal)),
    },
    { id: 'reload-preview', title: 'Reload preview', run: () => void preview.reload() },
    { id: 'restart', title: 'Restart the app', run: () => workspace.attempt(terminals.restartApp()) },
    { id: 'retry', title: 'Connect again now', run: () => connection.retryNow() },
  ]
}

/** The command a key event stands for. */
export function pressedCommand(commands: readonly Command[], event: KeyboardEvent): Command | undefined {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== 'F1') return undefined
  return commands.find(({ key }) => key !== undefined && matches(key, event))
}

function matches(shown: string, event: KeyboardEvent): boolean {
  const parts = shown.split('+')
  const key = parts.at(-1) ?? ''
  const modifiers =
    (event.ctrlKey || event.metaKey) === parts.includes('Ctrl') &&
    event.shiftKey === parts.includes('Shift') &&
    event.altKey === parts.includes('Alt')
  const code = key === '`' ? 'Backquote' : key.length === 1 ? `Key${key}` : key
  return modifiers && (event.code === code || event.key.toLowerCase() === key.toLowerCase())
}
