import { whenIdle } from '../frame/when-idle.ts'
import { viewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'

/** The page of the settings, and what keeps them the same everywhere. */
export function addSettings({ commands, settings, settingsSync, hello, tabs, layout }: Workspace): void {
  tabs.views.add({
    id: 'settings',
    title: (arg) => (arg === 'keys' ? 'Keyboard shortcuts' : 'Settings'),
    icon: 'gear',
    load: async () => (await import('./settings-page.tsx')).SettingsPage,
  })
  const open = (arg: string) => () => {
    tabs.open(viewTab('settings', arg))
    layout.showPane('editor')
  }
  commands.add(
    { id: 'settings.open', title: 'Settings', key: 'Ctrl+,', run: open('') },
    { id: 'settings.keys', title: 'Keyboard shortcuts', run: open('keys') },
    { id: 'settings.json', title: 'Settings as JSON', run: open('json') },
  )
  const sync = () => void settingsSync.now()
  // The master is nobody the page waits for.
  hello.subscribe(() => void whenIdle(3_000).then(sync))
  window.addEventListener('focus', sync)
  window.addEventListener('online', sync)
  window.addEventListener('storage', ({ key }) => key === 'omega.settings' && settings.reread())
}
