import { describe, expect, it } from 'vitest'
import { mergeSettings, settingsSize } from '../../../src/core/kept-settings.ts'
import { defaultSettings, settingProblem, settingRules } from '../../../src/core/settings.ts'
import { SettingsStore } from '../../../src/web/ide/settings/settings.ts'
import { memoryStorage } from '../support/memory-storage.ts'

function open(storage = memoryStorage()) {
  const time = { now: 1_000 }
  return { storage, time, settings: new SettingsStore(storage, () => time.now) }
}

describe('settings in the page', () => {
  it('hold at once, and after a reload', () => {
    const { storage, settings } = open()
    settings.set('theme', 'dark')
    settings.set('editorFontSize', 16)
    settings.reset('theme')
    expect(settings.values.get()).toEqual({ ...defaultSettings, editorFontSize: 16 })
    expect(open(storage).settings.values.get().editorFontSize).toBe(16)
    expect(open(storage).settings.untold.get()).toEqual(['editorFontSize', 'theme'])
  })

  it('what is not allowed, or nonsense, is no choice', () => {
    const kept = {
      settings: { theme: { value: 'pink', at: 1 }, tabSize: { value: 8, at: 1 }, tab: 5, later: { value: [1], at: 1 } },
    }
    expect(open(memoryStorage({ 'omega.settings': JSON.stringify(kept) })).settings.values.get()).toEqual({
      ...defaultSettings,
      tabSize: 8,
    })
    for (const text of ['', '[]', '7', 'null', '{"settings":4}']) {
      expect(open(memoryStorage({ 'omega.settings': text })).settings.values.get()).toEqual(defaultSettings)
    }
  })

  it('learn what other devices chose, and keep what the master was not told yet', () => {
    const { settings } = open()
    settings.set('theme', 'dark')
    const told = settings.changes()
    settings.set('tabSize', 2)
    settings.learn(
      { theme: { value: 'light', at: 9_000 }, wordWrap: { value: 'on', at: 5 }, tabSize: { value: 8, at: 5 } },
      told,
    )
    expect(settings.values.get()).toMatchObject({ theme: 'light', wordWrap: 'on', tabSize: 2 })
    expect(settings.untold.get()).toEqual(['tabSize'])
  })

  it('a choice made with a clock that is behind still counts', () => {
    const { settings, time } = open()
    settings.learn({ theme: { value: 'light', at: 50_000 } }, {})
    time.now = 2_000
    settings.set('theme', 'dark')
    expect(settings.changes()).toEqual({ theme: { value: 'dark', at: 50_001 } })
  })
})

describe('the rules', () => {
  it('allow every default', () => {
    for (const name of Object.keys(settingRules) as (keyof typeof settingRules)[]) {
      expect([name, settingProblem(name, defaultSettings[name])]).toEqual([name, undefined])
    }
  })

  it.each([
    ['theme', 'blue'],
    ['editorFontSize', 7],
    ['editorFontSize', Number.NaN],
    ['editorFontSize', '13'],
    ['copyOnSelect', 1],
    ['wordWrap', true],
    ['editorFontFamily', 'x'.repeat(201)],
    ['keyBindings', []],
    ['keyBindings', { save: 7 }],
    ['keyBindings', { save: 'x'.repeat(101) }],
  ] as const)('%s does not take %j', (name, value) => {
    expect(settingProblem(name, value)).toMatch(/^must be /)
  })
})

describe('merging', () => {
  it('the newest wins, in any order and however often; nothing is from the future', () => {
    const a = { theme: { value: 'dark', at: 5 }, x: { value: 1, at: 1 } }
    const b = { theme: { value: 'light', at: 7 }, y: { value: 2, at: 99 } }
    const merged = { theme: { value: 'light', at: 7 }, x: { value: 1, at: 1 }, y: { value: 2, at: 10 } }
    expect(mergeSettings(mergeSettings({}, a, 10), b, 10)).toEqual(merged)
    expect(mergeSettings(mergeSettings({}, b, 10), a, 10)).toEqual(merged)
    expect(mergeSettings(merged, b, 10)).toEqual(merged)
  })

  it('counts bytes, not characters', () => {
    const bytes = (text: string) => new TextEncoder().encode(text).length
    expect(settingsSize({ a: { value: 'ü', at: 10 } })).toBe(1 + bytes('10 "ü"'))
    expect(settingsSize({ a: { value: '😀€', at: 1 } })).toBe(1 + bytes('1 "😀€"'))
  })
})
