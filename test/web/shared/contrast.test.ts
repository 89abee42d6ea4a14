/// <reference types="node" />
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const tokens = readFileSync(new URL('../../../src/web/shared/tokens.css', import.meta.url), 'utf8')

/** The colours of a theme: those of `:root`, and what the later blocks that name the theme say otherwise. */
function coloursOf(theme: string): Record<string, string> {
  const colours: Record<string, string> = {}
  for (const [, selectors = '', body = ''] of tokens.matchAll(/(?:^|\n)((?::root|\[data-theme[^{]*)) \{\n([^}]*)\}/g)) {
    if (selectors !== ':root' && !selectors.includes(`"${theme}"`)) continue
    for (const [, name = '', value = ''] of body.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)) colours[name] = value
  }
  return colours
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const digits = hex.slice(1)
  const pairs = digits.length === 3 ? [...digits].map((digit) => digit + digit) : (digits.match(/../g) ?? [])
  const [red = 0, green = 0, blue = 0] = pairs.map((pair) => {
    const part = Number.parseInt(pair, 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one)
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['bg', 'panel', 'bar', 'raised', 'hover']
const code = ['keyword', 'string', 'number', 'comment', 'function', 'type', 'property', 'punctuation'].map(
  (name) => `code-${name}`,
)
/** What is written on what. */
const pairs = [
  ...['text', 'muted', 'faint', 'accent', 'good', 'warn', 'bad'].flatMap((ink) =>
    grounds.map((ground) => [ink, ground] as const),
  ),
  ...code.flatMap((ink) => ['bg', 'line'].map((ground) => [ink, ground] as const)),
  ...['accent-soft', 'warn-soft', 'bad-soft', 'selection', 'match', 'found', 'found-now', 'line'].map(
    (ground) => ['text', ground] as const,
  ),
  ['accent-text', 'accent'] as const,
]

describe.each(['light', 'dark', 'contrast-light', 'contrast-dark'])('the %s theme', (theme) => {
  const colours = coloursOf(theme)

  it('has all the colours', () => {
    expect([...new Set(pairs.flat())].filter((name) => colours[name] === undefined)).toEqual([])
  })

  it('can be read: AA, and AAA where high contrast was asked for', () => {
    const wanted = theme.startsWith('contrast') ? 7 : 4.5
    const poor = pairs
      .map(([ink, ground]) => [`${ink} on ${ground}`, contrast(colours[ink] ?? '', colours[ground] ?? '')] as const)
      .filter(([, ratio]) => ratio < wanted)
      .map(([pair, ratio]) => `${pair}: ${ratio.toFixed(2)}`)
    expect(poor).toEqual([])
  })

  it('has borders that are seen where high contrast was asked for', () => {
    if (theme.startsWith('contrast')) expect(contrast(colours.border ?? '', colours.bg ?? '')).toBeGreaterThan(4.5)
  })
})
