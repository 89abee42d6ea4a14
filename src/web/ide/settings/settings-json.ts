import {
  defaultSettings,
  isSettingName,
  type SettingName,
  type Settings,
  settingProblem,
} from '../../../core/settings.ts'

/** The settings that differ from their defaults. */
export function changedSettings(values: Settings): Partial<Settings> {
  const changed = Object.entries(values).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaultSettings[name as SettingName]),
  )
  return Object.fromEntries(changed) as Partial<Settings>
}

/** What a text means as settings, or what is wrong with it. */
export function parseSettings(text: string): { values: Partial<Settings> } | { problem: string } {
  let read: unknown
  try {
    read = JSON.parse(text.trim() === '' ? '{}' : text)
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : error}` }
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    return { problem: 'The settings are an object: { "theme": "dark" }.' }
  }
  for (const [name, value] of Object.entries(read)) {
    if (!isSettingName(name)) return { problem: `There is no setting ${JSON.stringify(name)}.` }
    const problem = settingProblem(name, value)
    if (problem !== undefined) return { problem: `${name} ${problem}.` }
  }
  return { values: read as Partial<Settings> }
}
