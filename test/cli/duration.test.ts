import { expect, it } from 'vitest'
import { parseDuration } from '../../src/cli/duration.ts'

it.each([
  ['90s', 90],
  ['30m', 1_800],
  ['1h', 3_600],
  ['7d', 604_800],
])('%s are %d seconds', (text, seconds) => {
  expect(parseDuration('for', text)).toBe(seconds)
})

it.each(['', '7', 'd', '0d', '-1d', '1w', '1.5h', '1 h', '7d ', '99999999999d'])('%j is none', (text) => {
  expect(() => parseDuration('for', text)).toThrow('--for is')
})
