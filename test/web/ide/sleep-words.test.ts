import { expect, it } from 'vitest'
import { sleepWords } from '../../../src/web/ide/sleep/sleep-words.ts'

const now = new Date(2026, 10, 26, 14, 30)
const minute = 60_000

it.each([
  ['asleep', 2 * minute, /^This sandbox goes to sleep in 2 min, at .*32/, 'Keep it awake'],
  ['asleep', 20_000, /goes to sleep in less than a minute/, 'Keep it awake'],
  ['stopped', 30 * minute, /is stopped in 30 min/, 'Keep it running'],
  ['deleted', 24 * 60 * minute, /is deleted in 24 h/, 'Keep it'],
  ['deleted', 7 * 24 * 60 * minute, /is deleted in 7 days/, 'Keep it'],
] as const)('%s in %d ms', (then, inMs, text, action) => {
  const words = sleepWords({ then, inMs }, now)
  expect(words.text).toMatch(text)
  expect(words.action).toBe(action)
})

it('says what becomes of the files', () => {
  expect(sleepWords({ then: 'asleep', inMs: 1 }, now).detail).toContain('Nothing is lost')
  expect(sleepWords({ then: 'stopped', inMs: 1 }, now).detail).toContain('files stay')
  expect(sleepWords({ then: 'deleted', inMs: 1 }, now).detail).toContain('files go')
})
