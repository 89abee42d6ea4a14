import type { Settings } from '../../../core/settings.ts'
import { themeNames } from '../../shared/theme-names.ts'
import { whenIdle } from '../frame/when-idle.ts'
import { viewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'

/** The page of the settings, and what keeps them the same everywhere. */
export function addSettings(workspace: Workspace): void {
  const { commands, settings, settingsSync, hello, tabs, layout, palette, theme } = workspace
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
    { id: 'settings.keys', title: 'Keyboard shortcuts', key: 'Ctrl+K,Ctrl+S', run: open('keys') },
    { id: 'settings.json', title: 'Settings as JSON', run: open('json') },
    { id: 'settings.theme', title: 'Colour theme', key: 'Ctrl+K,Ctrl+T', run: () => void chooseTheme() },
  )
  const chooseTheme = async () => {
    const values = Object.entries(themeNames) as [Settings['theme'], string][]
    const now = settings.values.get().theme
    const choices = values.map(([id, label]) => ({
      id,
      label,
      ...(id === now ? { note: 'now' } : {}),
      preview: () => theme.choose(id),
    }))
    const chosen = await palette.pick('Choose a theme', choices)
    if (chosen) settings.set('theme', chosen.id)
    theme.choose(settings.values.get().theme)
  }
  const sync = () => void settingsSync.now()
  // The master is nobody the page waits for.
  hello.subscribe(() => void whenIdle(3_000).then(sync))
  window.addEventListener('focus', sync)
  window.addEventListener('online', sync)
  window.addEventListener('storage', ({ key }) => key === 'omega.settings' && settings.reread())
}
