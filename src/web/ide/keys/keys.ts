/**
 * Keys as they are written: `Ctrl+Shift+P`, where Ctrl is also the Mac's command key; `Ctrl+K,Z` for one after the other;
 * several ways to the same are separated by a space.
 */
export type Keys = string

/** What of a key event matters. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

/** The signs of a US keyboard by the places of their keys: what is printed on a key, whatever Shift or Alt make of it. */
const signs: Record<string, string> = {
  Backquote: '`',
  Minus: '-',
  Equal: '=',
  BracketLeft: '[',
  BracketRight: ']',
  Backslash: '\\',
  Semicolon: ';',
  Quote: "'",
  Comma: ',',
  Period: '.',
  Slash: '/',
  Space: 'Space',
}

/** The press as it is written, or undefined for a modifier alone. */
export function pressedKey(event: KeyPress): string | undefined {
  const name = nameOf(event)
  if (name === undefined) return undefined
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.shiftKey ? 'Shift' : '',
    event.altKey ? 'Alt' : '',
  ]
  return [...modifiers.filter(Boolean), name].join('+')
}

function nameOf({ key, code, shiftKey, altKey }: KeyPress): string | undefined {
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process', 'Unidentified', 'CapsLock'].includes(key)) {
    return undefined
  }
  if (/^[a-z]$/i.test(key)) return key.toUpperCase()
  if (key === ' ') return 'Space'
  if (key.length > 1) return key
  // What Shift or Alt made of it, or another alphabet: the key's place says what is meant.
  const place = /^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? signs[code]
  return (shiftKey || altKey || key > '~') && place !== undefined ? place : key
}

/** The ways, each as the presses that follow one another, with their modifiers in one order. */
export function parseKeys(keys: Keys): string[][] {
  return keys
    .split(' ')
    .filter(Boolean)
    .map((way) => way.split(/(?<!\+),/).map(ordered))
}

function ordered(press: string): string {
  const parts = press.endsWith('+') && press !== '+' ? [...press.slice(0, -2).split('+'), '+'] : press.split('+')
  const name = parts.pop() ?? ''
  return [...['Ctrl', 'Shift', 'Alt'].filter((modifier) => parts.includes(modifier)), name].join('+')
}

/** A tip: what it is, and its keys. */
export function withKeys(title: string, keys: Keys): string {
  return keys === '' ? title : `${title} (${shownKeys(keys)})`
}

const isMac = typeof navigator !== 'undefined' && /Mac|iP(?:hone|ad|od)/.test(navigator.platform)
const arrows: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' }

/** The first way, as people read it: `Ctrl+K Z`. */
export function shownKeys(keys: Keys, mac = isMac): string {
  const [way] = parseKeys(keys)
  return (way ?? [])
    .map((press) => {
      const parts = (press.endsWith('++') ? [...press.slice(0, -2).split('+'), '+'] : press.split('+')).map(
        (part) => arrows[part] ?? part,
      )
      if (!mac) return parts.join('+')
      const glyphs: Record<string, string> = { Ctrl: '⌘', Shift: '⇧', Alt: '⌥' }
      return parts.map((part) => glyphs[part] ?? part).join('')
    })
    .join(' ')
}
