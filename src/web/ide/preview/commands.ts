import type { Workspace } from '../workspace.ts'

export function addPreviewCommands({ commands, layout, preview }: Workspace): void {
  commands.add(
    {
      id: 'preview.toggle',
      title: 'Show or hide the preview',
      key: 'Ctrl+Alt+P',
      run: () => layout.toggle('preview'),
    },
    { id: 'preview.reload', title: 'Reload the preview', run: () => void preview.reload() },
  )
}
