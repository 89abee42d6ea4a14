import { addEditorChoices } from './editor/feature.ts'
import { addPlaceHistory } from './editor/place-history.ts'
import { addFileViews } from './files/views.ts'
import { addFrame } from './frame/feature.ts'
import { addGit } from './git/feature.tsx'
import { addKeys } from './keys/feature.ts'
import { addLanguages } from './language/feature.ts'
import { addPaletteModes } from './palette/modes.ts'
import { addPeople } from './people/feature.ts'
import { addPreview } from './preview/commands.ts'
import { addSearch } from './search/feature.ts'
import { addEditorSettings } from './settings/editor-settings.ts'
import { addSettings } from './settings/feature.ts'
import { addSleep } from './sleep/feature.ts'
import { addTabs } from './tabs/feature.ts'
import { addTerminalCommands } from './terminals/commands.ts'
import { addFileViewers } from './viewers/views.ts'
import type { Workspace } from './workspace.ts'

/** The parts of the page: each adds its commands, views and items. What is heavy in them is loaded when it is used. */
export const features: readonly ((workspace: Workspace) => void)[] = [
  addFrame,
  addTabs,
  addKeys,
  addSettings,
  addEditorSettings,
  addPaletteModes,
  addFileViews,
  addFileViewers,
  addSearch,
  addLanguages,
  addEditorChoices,
  addPlaceHistory,
  addGit,
  addTerminalCommands,
  addPreview,
  addPeople,
  addSleep,
]
