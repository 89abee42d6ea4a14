import type { Workspace } from '../workspace.ts'
import { addFrameCommands } from './commands.ts'
import { watchConnection } from './connection-watch.ts'
import { lookQueries, showBarColour, showLayout, showSettings } from './look.ts'
import { addPageTitle } from './page-title.ts'
import { addParts } from './parts.ts'
import { watchSoftKeyboard } from './soft-keyboard.ts'

/** What surrounds the other parts of the page. */
export function addFrame(workspace: Workspace): void {
  addLook(workspace)
  addFrameCommands(workspace)
  addParts(workspace)
  addViewCommands(workspace)
  addPageTitle(workspace)
  watchSoftKeyboard(window)
  watchConnection(workspace)
}

/** The style sheets follow layout and settings. */
function addLook({ layout, settings, theme }: Workspace): void {
  const root = document.documentElement
  const show = () => {
    showLayout(root, layout.state.get())
    showSettings(root, settings.values.get(), (query) => matchMedia(query).matches)
    theme.choose(settings.values.get().theme)
    showBarColour(document)
  }
  show()
  layout.state.subscribe(show)
  settings.values.subscribe(show)
  for (const query of lookQueries) matchMedia(query).addEventListener('change', show)
  theme.shown.subscribe(() => showBarColour(document))
}

/** Each view is shown by a command, unless its part of the page has added one of that name. */
function addViewCommands({ commands, layout, panelViews, sideViews }: Workspace): void {
  const add = (id: string, title: string, key: string | undefined, run: () => void) => {
    if (!commands.get(id)) commands.add({ id, title: `Show: ${title}`, ...(key === undefined ? {} : { key }), run })
  }
  const addAll = () => {
    for (const { id, title, key } of sideViews.list.get()) {
      add(`side.${id}`, title, key, () => layout.showSideView(id))
    }
    for (const { id, title, key } of panelViews.list.get()) {
      add(`panel.${id}`, title, key, () => layout.togglePanelView(id))
    }
  }
  sideViews.list.subscribe(addAll)
  panelViews.list.subscribe(addAll)
}
