import { addFileViews } from './files/views.ts'
import { addFrameCommands } from './frame/commands.ts'
import { addKeys } from './keys/feature.ts'
import { addPreviewCommands } from './preview/commands.ts'
import { addEditorSettings } from './settings/editor-settings.ts'
import { addSettings } from './settings/feature.ts'
import { addTerminalCommands } from './terminals/commands.ts'
import type { Workspace } from './workspace.ts'

/** The parts of the page: each adds its commands, views and items. What is heavy in them is loaded when it is used. */
export const features: readonly ((workspace: Workspace) => void)[] = [
  addFrameCommands,
  addKeys,
  addSettings,
  addEditorSettings,
  addFileViews,
  addTerminalCommands,
  addPreviewCommands,
]
