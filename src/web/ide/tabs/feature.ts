import type { MenuItem } from '../../shared/menu.tsx'
import { shownKeys } from '../keys/keys.ts'
import type { Workspace } from '../workspace.ts'
import { parseViewTab } from './tab-view.ts'
import { tabsBeside } from './tabs.ts'

/** What can be done with tabs beyond showing and closing them. */
export function addTabs(workspace: Workspace): void {
  const { commands, tabs } = workspace
  const active = () => tabs.state.get().active
  const hasSome = () => active() !== undefined
  const onActive = (run: (tab: string) => void) => () => {
    const tab = active()
    if (tab !== undefined) run(tab)
  }
  commands.add(
    {
      id: 'tab.closeOthers',
      title: 'Close the other tabs',
      when: hasSome,
      run: onActive((tab) => void tabs.closeBeside(tab, 'others')),
    },
    {
      id: 'tab.closeRight',
      title: 'Close the tabs to the right',
      when: hasSome,
      run: onActive((tab) => void tabs.closeBeside(tab, 'right')),
    },
    { id: 'tab.closeAll', title: 'Close all tabs', key: 'Ctrl+K,W', when: hasSome, run: () => void tabs.closeAll() },
    {
      id: 'tab.reopen',
      title: 'Open the closed tab again',
      // Browsers keep Ctrl+Shift+T for tabs of their own, except where the page is installed as an app.
      key: 'Alt+Shift+T Ctrl+Shift+T',
      when: () => tabs.hasClosed,
      run: () => {
        const path = tabs.takeClosed()
        if (path !== undefined) workspace.openFile(path)
      },
    },
    {
      id: 'tab.moveLeft',
      title: 'Move the tab to the left',
      key: 'Alt+Shift+PageUp',
      when: hasSome,
      run: onActive((tab) => tabs.shift(tab, -1)),
    },
    {
      id: 'tab.moveRight',
      title: 'Move the tab to the right',
      key: 'Alt+Shift+PageDown',
      when: hasSome,
      run: onActive((tab) => tabs.shift(tab, 1)),
    },
  )
}

/** The menu of a tab. */
export function tabMenu(workspace: Workspace, tab: string): MenuItem[] {
  const { commands, keys, notices, tabs } = workspace
  const keyOf = (id: string) => {
    const key = shownKeys(keys.ofId(id))
    return key === '' || tab !== tabs.state.get().active ? {} : { key }
  }
  const isFile = !parseViewTab(tab)
  const copy = () => notices.attempt(navigator.clipboard.writeText(tab), 'The browser did not allow to copy.')
  const items: (MenuItem | false)[] = [
    { id: 'close', group: 'close', title: 'Close', ...keyOf('tab.close'), run: () => void tabs.close(tab) },
    tabsBeside(tabs.state.get(), tab, 'others').length > 0 && {
      id: 'closeOthers',
      group: 'close',
      title: 'Close others',
      run: () => void tabs.closeBeside(tab, 'others'),
    },
    tabsBeside(tabs.state.get(), tab, 'right').length > 0 && {
      id: 'closeRight',
      group: 'close',
      title: 'Close to the right',
      run: () => void tabs.closeBeside(tab, 'right'),
    },
    { id: 'closeAll', group: 'close', title: 'Close all', run: () => void tabs.closeAll() },
    tabs.hasClosed && {
      id: 'reopen',
      group: 'reopen',
      title: 'Open the closed tab again',
      run: () => commands.get('tab.reopen')?.run(),
    },
    isFile && { id: 'copyPath', group: 'path', title: 'Copy the path', run: copy },
    isFile && {
      id: 'reveal',
      group: 'path',
      title: 'Show in the files',
      run: () => {
        workspace.layout.showSideView('files')
        workspace.attempt(workspace.tree.reveal(tab))
      },
    },
  ]
  return items.filter((item) => item !== false)
}
