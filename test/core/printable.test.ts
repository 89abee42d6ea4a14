import fc from 'fast-check'
import { expect, it } from 'vitest'
import { printable, printableJson } from '../../src/core/printable.ts'

it('shows what is unseen, on one line', () => {
  expect(printable('new\nline \u001b[31mred\u0007\u007f')).toBe('new␊line ␛[31mred␇␡')
  expect(printable('invoice\u202excod.exe')).toBe('invoice\\u202excod.exe')
  expect(printable('zero\u200bwidth\ufeff\u2066\u009b')).toBe('zero\\u200bwidth\\ufeff\\u2066\\u009b')
  expect(printable('half\ud800')).toBe('half\\ud800')
})

it('leaves what people write', () => {
  for (const name of ['Überblick.md', '日本語', '👩‍💻.txt', 'می‌خواهم', '<img src=x>', ' a b ', 'שלום']) {
    expect(printable(name)).toBe(name)
  }
})

it('is JSON still in quotes', () => {
  expect(printableJson('a\u202e"\n')).toBe('"a\\u202e\\"\\n"')
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => JSON.parse(printableJson(text)) === text))
})
