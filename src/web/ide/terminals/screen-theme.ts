import type { ITheme } from '@xterm/xterm'
import { defaultColors, type TerminalColors } from '../../../core/terminal/terminal-colors.ts'

/** xterm.js wants colours, not variables. The sixteen are chosen to be readable on either background. */
export function themeOf(style: CSSStyleDeclaration): ITheme {
  const of = (name: string) => style.getPropertyValue(name).trim()
  const dark = style.colorScheme === 'dark'
  return {
    background: of('--bg'),
    foreground: of('--text'),
    cursor: of('--accent'),
    cursorAccent: of('--bg'),
    selectionBackground: of('--selection'),
    scrollbarSliderBackground: `color-mix(in srgb, ${of('--faint')} 35%, transparent)`,
    black: dark ? '#3b4454' : '#1e2430',
    red: of('--bad'),
    green: of('--good'),
    yellow: of('--warn'),
    blue: of('--code-function'),
    magenta: of('--code-keyword'),
    cyan: of('--code-type'),
    white: dark ? '#d9dee7' : '#6b7686',
    brightBlack: of('--faint'),
    brightRed: of('--bad'),
    brightGreen: of('--good'),
    brightYellow: of('--warn'),
    brightBlue: of('--accent'),
    brightMagenta: of('--code-keyword'),
    brightCyan: of('--code-type'),
    brightWhite: dark ? '#ffffff' : '#1e2430',
  }
}

/** The same for programs that ask, each as `#rrggbb`. */
export function colorsOf(theme: ITheme): TerminalColors {
  const { foreground, background, cursor, palette } = defaultColors
  const sixteen = [
    ...[theme.black, theme.red, theme.green, theme.yellow, theme.blue, theme.magenta, theme.cyan, theme.white],
    ...[theme.brightBlack, theme.brightRed, theme.brightGreen, theme.brightYellow],
    ...[theme.brightBlue, theme.brightMagenta, theme.brightCyan, theme.brightWhite],
  ]
  return {
    foreground: hex(theme.foreground) ?? foreground,
    background: hex(theme.background) ?? background,
    cursor: hex(theme.cursor) ?? cursor,
    palette: sixteen.map((color, index) => hex(color) ?? palette[index] ?? foreground),
  }
}

/** Undefined for what is no plain colour. */
function hex(color: string | undefined): string | undefined {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color ?? '')
  if (short)
    return `#${short
      .slice(1)
      .map((digit) => digit + digit)
      .join('')}`
  return /^#[0-9a-f]{6}$/i.test(color ?? '') ? color : undefined
}
