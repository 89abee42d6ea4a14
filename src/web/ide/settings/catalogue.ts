import type { SettingName } from '../../../core/settings.ts'
import { themeNames } from '../../shared/theme-names.ts'

/** What is said of a setting on its page. */
export interface SettingText {
  title: string
  description: string
  /** What its choices are called. */
  choices?: Record<string, string>
  /** Values to pick from. */
  suggestions?: readonly string[]
  unit?: string
}

export interface SettingGroup {
  title: string
  names: readonly SettingName[]
}

export const settingGroups: readonly SettingGroup[] = [
  { title: 'Look', names: ['theme', 'sideBarSide', 'previewSide'] },
  {
    title: 'Editor',
    names: [
      'editorFontFamily',
      'editorFontSize',
      'editorLineHeight',
      'tabSize',
      'wordWrap',
      'lineNumbers',
      'bracketColours',
      'indentGuides',
      'formatOnSave',
      'inlayHints',
    ],
  },
  { title: 'Git', names: ['gitName', 'gitEmail', 'gitMarks', 'diffLayout', 'diffWhitespace'] },
  { title: 'Terminal', names: ['terminalFontFamily', 'terminalFontSize', 'copyOnSelect'] },
  { title: 'People', names: ['name', 'colour'] },
  { title: 'Keyboard', names: ['keymap', 'keyBindings'] },
  { title: 'Accessibility', names: ['motion', 'screenReader'] },
]

const monospaced = [
  'JetBrains Mono',
  'Fira Code',
  'Cascadia Code',
  'Source Code Pro',
  'IBM Plex Mono',
  'Menlo',
  'Consolas',
]

export const settingTexts: Record<SettingName, SettingText> = {
  gitName: {
    title: 'Your name in commits',
    description: 'Empty for the one git knows in the sandbox.',
  },
  gitEmail: {
    title: 'Your e-mail address in commits',
    description: 'Empty for the one git knows in the sandbox.',
  },
  gitMarks: {
    title: 'Marks beside changed lines',
    description: 'What the text is compared with.',
    choices: { index: 'What is staged', head: 'The last commit', off: 'No marks' },
  },
  diffLayout: {
    title: 'Differences',
    description: 'How two versions of a file are shown.',
    choices: { beside: 'Side by side', inline: 'One below the other' },
  },
  diffWhitespace: {
    title: 'Spaces in differences',
    description: 'Whether a line counts as changed when only its spaces and tabs have changed.',
    choices: { show: 'Count', ignore: 'Do not count' },
  },
  theme: {
    title: 'Theme',
    description: 'Colours of the editor, the terminals and the dashboard.',
    choices: themeNames,
  },
  sideBarSide: {
    title: 'Place of the side bar',
    description: 'Which side of the editor files, search and the other views are on.',
    choices: { left: 'Left', right: 'Right' },
  },
  previewSide: {
    title: 'Place of the preview',
    description: 'Where the running app is shown.',
    choices: { right: 'Right of the editor', left: 'Left of the editor', bottom: 'Below the editor' },
  },
  editorFontFamily: {
    title: 'Font of the editor',
    description: 'Names of fonts that this device has, separated by commas. Empty for the usual one.',
    suggestions: monospaced,
  },
  editorFontSize: { title: 'Font size of the editor', description: 'From 8 to 40.', unit: 'pixels' },
  editorLineHeight: {
    title: 'Line height of the editor',
    description: 'From 1 to 3, in heights of the font.',
    unit: 'times the font size',
  },
  tabSize: { title: 'Tab size', description: 'How wide a tab character is shown.', unit: 'columns' },
  wordWrap: {
    title: 'Wrap long lines',
    description: 'Long lines go on below instead of leaving the window.',
    choices: { narrow: 'On a phone', on: 'Always', off: 'Never' },
  },
  lineNumbers: { title: 'Line numbers', description: 'Numbers beside the lines.' },
  bracketColours: { title: 'Colours of brackets', description: 'Pairs of brackets are coloured by how deep they are.' },
  indentGuides: { title: 'Indentation guides', description: 'Thin lines show which lines are indented alike.' },
  formatOnSave: {
    title: 'Format on save',
    description: 'Whether a file is formatted when you save it. What is saved by itself while you type never is.',
    choices: {
      project: 'If the project has a formatter, like Prettier',
      always: 'Always',
      never: 'Never',
    },
  },
  inlayHints: {
    title: 'Inlay hints',
    description: 'Shows names of parameters and types that are not written, between the words of the text.',
  },
  terminalFontFamily: {
    title: 'Font of the terminal',
    description: 'As for the editor. Empty for the usual one.',
    suggestions: monospaced,
  },
  terminalFontSize: { title: 'Font size of the terminal', description: 'From 8 to 40.', unit: 'pixels' },
  copyOnSelect: {
    title: 'Copy on select',
    description: 'What is selected in a terminal is copied at once.',
  },
  name: {
    title: 'Your name',
    description: 'What others see beside your cursor. Empty for an animal.',
  },
  colour: {
    title: 'Your colour',
    description: 'Of your cursor, as others see it.',
    choices: {
      auto: 'One that is free',
      '0': 'Red',
      '1': 'Grey',
      '2': 'Green',
      '3': 'Violet',
      '4': 'Orange',
      '5': 'Turquoise',
      '6': 'Pink',
      '7': 'Olive',
      '8': 'Indigo',
      '9': 'Brown',
    },
  },
  keymap: {
    title: 'Keys of the editor',
    description: 'Keys as in Visual Studio Code, or the modes of vim.',
    choices: { vscode: 'Visual Studio Code', vim: 'Vim' },
  },
  keyBindings: {
    title: 'Keyboard shortcuts',
    description: 'Which keys run which command.',
  },
  motion: {
    title: 'Motion',
    description: 'Whether things move when they appear or change.',
    choices: { system: 'As the system', reduced: 'Little', full: 'All' },
  },
  screenReader: {
    title: 'Optimise for screen readers',
    description: 'Terminals are read out as they print, which makes them slower.',
  },
}
