import type { Workspace } from '../workspace.ts'

/** What the frame itself can do: tabs, panes, the palette, the connection. */
export function addFrameCommands(workspace: Workspace): void {
  const { commands, layout, tabs, documents, palette, connection } = workspace
  const closeActive = () => {
    const { active } = tabs.state.get()
    if (active !== undefined) void tabs.close(active)
  }
  const save = () => {
    const path = tabs.activeFile
    if (path !== undefined) workspace.attempt(workspace.save(path))
  }
  commands.add(
    { id: 'palette.files', title: 'Go to file', key: 'Ctrl+P', inTerminal: true, run: () => palette.open() },
    {
      id: 'palette.commands',
      title: 'Show all commands',
      key: 'Ctrl+Shift+P F1',
      inTerminal: true,
      run: () => palette.open('>'),
    },
    { id: 'file.save', title: 'Save', key: 'Ctrl+S', run: save },
    { id: 'file.saveAll', title: 'Save all', key: 'Ctrl+Alt+S', run: () => void documents.saveAll() },
    { id: 'tab.close', title: 'Close tab', key: 'Alt+W', run: closeActive },
    { id: 'tab.next', title: 'Next tab', key: 'Alt+PageDown', run: () => tabs.step(1) },
    { id: 'tab.previous', title: 'Previous tab', key: 'Alt+PageUp', run: () => tabs.step(-1) },
    { id: 'frame.side', title: 'Show or hide the side bar', key: 'Ctrl+B', run: () => layout.toggle('side') },
    { id: 'frame.panel', title: 'Show or hide the panel', key: 'Ctrl+J', run: () => layout.toggle('panel') },
    { id: 'frame.maximisePanel', title: 'Maximise or restore the panel', run: () => layout.maximise('panel') },
    { id: 'frame.maximisePreview', title: 'Maximise or restore the preview', run: () => layout.maximise('preview') },
    { id: 'frame.zen', title: 'Nothing but the editor (zen mode)', key: 'Ctrl+K,Z', run: () => layout.toggleZen() },
    {
      id: 'frame.leaveZen',
      title: 'Show the other parts again',
      key: 'Escape,Escape',
      when: () => layout.state.get().zen,
      run: () => layout.toggleZen(),
    },
    { id: 'frame.reset', title: 'Reset the layout', run: () => layout.reset() },
    { id: 'connection.retry', title: 'Connect again now', run: () => connection.retryNow() },
  )
}
