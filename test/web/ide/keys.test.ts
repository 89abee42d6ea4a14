import { describe, expect, it } from 'vitest'
import { KeyBindings, type KeyPlace } from '../../../src/web/ide/keys/key-bindings.ts'
import { type KeyPress, parseKeys, pressedKey, shownKeys } from '../../../src/web/ide/keys/keys.ts'
import type { Command } from '../../../src/web/ide/palette/command.ts'
import { SettingsStore } from '../../../src/web/ide/settings/settings.ts'
import { Registry } from '../../../src/web/shared/registry.ts'
import { memoryStorage } from '../support/memory-storage.ts'

/** A press as a browser tells it: `Ctrl+Shift+P`, with another sign than the key's own as `sign`. */
function press(keys: string, sign?: string, code?: string): KeyPress {
  const parts = keys.split('+')
  const name = parts.at(-1) ?? ''
  const shift = parts.includes('Shift')
  const letter = /^[A-Z]$/.test(name)
  return {
    key: sign ?? (letter && !shift ? name.toLowerCase() : name),
    code: code ?? (letter ? `Key${name}` : name),
    ctrlKey: parts.includes('Ctrl'),
    metaKey: parts.includes('Meta'),
    shiftKey: shift,
    altKey: parts.includes('Alt'),
  }
}

describe('a press', () => {
  it.each([
    [press('Ctrl+P'), 'Ctrl+P'],
    [press('Meta+Shift+P'), 'Ctrl+Shift+P'],
    [press('Ctrl+Shift+`', '~', 'Backquote'), 'Ctrl+Shift+`'],
    [press('Shift+Ctrl+Alt+ArrowDown'), 'Ctrl+Shift+Alt+ArrowDown'],
    [press('Ctrl+,', ',', 'Comma'), 'Ctrl+,'],
    [press('Alt+P', 'π', 'KeyP'), 'Alt+P'],
    [press('Ctrl+P', 'з', 'KeyP'), 'Ctrl+P'],
    // The key says A where a US keyboard has Q.
    [press('Ctrl+A', 'a', 'KeyQ'), 'Ctrl+A'],
    [press('Ctrl+1', '1', 'Digit1'), 'Ctrl+1'],
    [press('Ctrl+Shift+1', '!', 'Digit1'), 'Ctrl+Shift+1'],
    [press('F1'), 'F1'],
    [press('Ctrl+Space', ' ', 'Space'), 'Ctrl+Space'],
    [press('Shift', 'Shift'), undefined],
    [press('X', 'Dead'), undefined],
  ])('%j is %s', (event, keys) => {
    expect(pressedKey(event)).toBe(keys)
  })
})

it('keys are read in any order of their modifiers, and shown as people know them', () => {
  expect(parseKeys('Shift+Ctrl+P F1')).toEqual([['Ctrl+Shift+P'], ['F1']])
  expect(parseKeys('Ctrl+K,Ctrl+, Ctrl+,')).toEqual([['Ctrl+K', 'Ctrl+,'], ['Ctrl+,']])
  expect(parseKeys('Ctrl++')).toEqual([['Ctrl++']])
  expect(parseKeys('')).toEqual([])
  expect(shownKeys('Shift+Ctrl+P F1', false)).toBe('Ctrl+Shift+P')
  expect(shownKeys('Ctrl+K,Z', false)).toBe('Ctrl+K Z')
  expect(shownKeys('Ctrl+Shift+ArrowUp', true)).toBe('⌘⇧↑')
  expect(shownKeys('', false)).toBe('')
})

describe('commands by key', () => {
  function open() {
    const commands = new Registry<Command>()
    const add = (id: string, key: string, more: Partial<Command> = {}) =>
      commands.add({ id, title: id, key, run: () => {}, ...more })
    add('files', 'Ctrl+P', { inTerminal: true })
    add('save', 'Ctrl+S')
    add('side', 'Ctrl+B')
    add('help', 'F1')
    add('zen', 'Ctrl+K,Z')
    add('deleteLine', 'Ctrl+Shift+K', { editor: 'itself' })
    add('below', 'Ctrl+Enter', { editor: 'page' })
    const keys = new KeyBindings(commands, new SettingsStore(memoryStorage(), () => 1))
    const pressed = (text: string, place: KeyPlace = 'page') => {
      const answer = keys.press(press(text), place)
      return typeof answer === 'object' ? answer.id : answer
    }
    return { commands, keys, pressed }
  }

  it('belong to what has the focus', () => {
    const { pressed } = open()
    expect([pressed('Ctrl+S'), pressed('Ctrl+S', 'editor'), pressed('Ctrl+S', 'vim')]).toEqual(['save', 'save', 'save'])
    expect([pressed('Ctrl+S', 'terminal'), pressed('F1', 'terminal'), pressed('Ctrl+P', 'terminal')]).toEqual([
      undefined,
      undefined,
      'files',
    ])
    expect([pressed('Ctrl+B', 'editor'), pressed('Ctrl+B', 'vim')]).toEqual(['side', undefined])
    expect([pressed('Ctrl+Shift+K', 'editor'), pressed('Ctrl+Shift+K')]).toEqual([undefined, undefined])
    expect([pressed('Ctrl+Enter', 'editor'), pressed('Ctrl+Enter')]).toEqual(['below', undefined])
  })

  it('of several presses wait for the last of them', () => {
    const { pressed } = open()
    expect(pressed('Ctrl+K')).toBe('begun')
    expect(pressed('Shift')).toBe('begun')
    expect(pressed('Z')).toBe('zen')
    expect(pressed('Z')).toBeUndefined()
    expect(pressed('Ctrl+K')).toBe('begun')
    expect(pressed('Q')).toBeUndefined()
    expect(pressed('Ctrl+S')).toBe('save')
    expect(pressed('Ctrl+K', 'terminal')).toBeUndefined()
  })

  it('are what the person makes of them', () => {
    const { commands, keys, pressed } = open()
    keys.choose('save', 'Ctrl+B')
    keys.choose('deleteLine', 'Ctrl+Y')
    keys.choose('files', '')
    expect([pressed('Ctrl+B'), pressed('Ctrl+S'), pressed('Ctrl+P'), pressed('Ctrl+Y', 'editor')]).toEqual([
      'save',
      undefined,
      undefined,
      'deleteLine',
    ])
    expect(keys.conflicts('save', 'Ctrl+B').map(({ id }) => id)).toEqual(['side'])
    keys.reset('save')
    keys.choose('files', commands.get('files')?.key ?? '')
    expect([keys.isChosen('save'), keys.isChosen('files'), pressed('Ctrl+B'), pressed('Ctrl+P')]).toEqual([
      false,
      false,
      'side',
      'files',
    ])
  })

  it('are not taken when the command makes no sense', () => {
    const { commands, pressed } = open()
    commands.add({ id: 'never', title: 'never', key: 'Ctrl+S', when: () => false, run: () => {} })
    expect(pressed('Ctrl+S')).toBe('save')
  })
})
