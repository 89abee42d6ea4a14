import type { Settings } from '../../core/settings.ts'

/** What the themes are called. */
export const themeNames: Record<Settings['theme'], string> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
  'contrast-light': 'Light, high contrast',
  'contrast-dark': 'Dark, high contrast',
}
