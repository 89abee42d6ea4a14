/**
 * What a person may choose about the page: for each setting its default and what is allowed. The page checks what it
 * reads, the master what it is sent; a name that is not here belongs to another version and is carried along.
 */
export type SettingRule<T = unknown> = { readonly default: T } & (
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly step: number }
  | { readonly kind: 'flag' }
  | { readonly kind: 'text'; readonly longest: number }
  /** Command id -> keys, as `Ctrl+Shift+P`; '' for none. */
  | { readonly kind: 'keys' }
)

/** The first is the default. */
function choice<const T extends string>(...choices: [T, ...T[]]): SettingRule<T> {
  return { kind: 'choice', default: choices[0], choices }
}

function number(value: number, least: number, most: number, step: number): SettingRule<number> {
  return { kind: 'number', default: value, least, most, step }
}

function flag(value: boolean): SettingRule<boolean> {
  return { kind: 'flag', default: value }
}

function text(longest: number): SettingRule<string> {
  return { kind: 'text', default: '', longest }
}

export const settingRules = {
  theme: choice('system', 'light', 'dark', 'contrast-light', 'contrast-dark'),
  /** system: less when the operating system says so. */
  motion: choice('system', 'reduced', 'full'),
  screenReader: flag(false),
  sideBarSide: choice('left', 'right'),
  previewSide: choice('right', 'left', 'bottom'),

  /** CSS font-family; '' for the page's own. */
  editorFontFamily: text(200),
  /** CSS pixels. */
  editorFontSize: number(13, 8, 40, 1),
  /** Of the font's size. */
  editorLineHeight: number(1.6, 1, 3, 0.1),
  /** Columns of a tab character. */
  tabSize: number(4, 1, 16, 1),
  /** narrow: on a phone. */
  wordWrap: choice('narrow', 'on', 'off'),
  lineNumbers: flag(true),
  bracketColours: flag(true),
  /** Lines that show how deep the text is indented. */
  indentGuides: flag(true),
  /** Only when a person saves. project: if the project has a formatter of its own, like Prettier or Biome. */
  formatOnSave: choice('project', 'always', 'never'),
  /** Names of parameters and types that are not written, in the text. */
  inlayHints: flag(false),

  /** Who commits; '' for what git knows. */
  gitName: text(200),
  gitEmail: text(200),
  /** What the marks beside changed lines compare with. */
  gitMarks: choice('index', 'head', 'off'),
  diffLayout: choice('beside', 'inline'),
  diffWhitespace: choice('show', 'ignore'),

  terminalFontFamily: text(200),
  terminalFontSize: number(13, 8, 40, 1),
  /** What the terminal's selection does by itself. */
  copyOnSelect: flag(false),

  /** What others see beside one's cursor; '' for an animal. */
  name: text(40),
  /** auto: one that nobody else here has. */
  colour: choice('auto', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),

  keymap: choice('vscode', 'vim'),
  keyBindings: { kind: 'keys', default: {} } as SettingRule<Readonly<Record<string, string>>>,
} as const

export type SettingName = keyof typeof settingRules

/** What a person has chosen, or the defaults. */
export type Settings = { readonly [Name in SettingName]: (typeof settingRules)[Name]['default'] }

export const defaultSettings: Settings = Object.fromEntries(
  Object.entries(settingRules).map(([name, rule]) => [name, rule.default]),
) as unknown as Settings

const MOST_KEYS = 300
const LONGEST_KEYS = 100

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settingRules, name)
}

/** Why the value is not allowed, as the end of a sentence that begins with the setting's name; undefined if it is. */
export function settingProblem(name: SettingName, value: unknown): string | undefined {
  const rule: SettingRule = settingRules[name]
  switch (rule.kind) {
    case 'choice':
      return rule.choices.includes(value as string) ? undefined : `must be one of ${rule.choices.join(', ')}`
    case 'number':
      return typeof value === 'number' && value >= rule.least && value <= rule.most
        ? undefined
        : `must be a number from ${rule.least} to ${rule.most}`
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'text':
      return typeof value === 'string' && value.length <= rule.longest
        ? undefined
        : `must be a text of at most ${rule.longest} characters`
    case 'keys':
      return areKeys(value) ? undefined : `must be an object of at most ${MOST_KEYS} command ids and their keys`
  }
}

function areKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const entries = Object.entries(value)
  const isGood = ([id, keys]: [string, unknown]) =>
    id.length <= LONGEST_KEYS && typeof keys === 'string' && keys.length <= LONGEST_KEYS
  return entries.length <= MOST_KEYS && entries.every(isGood)
}
