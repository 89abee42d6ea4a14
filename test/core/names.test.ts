import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkName, defaultName, newSandboxId, newSubdomain, parsePreviewLabel, quote } from '../../src/core/names.ts'

describe('made names', () => {
  it('are labels that cannot be taken for a preview, whatever the chance', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const random = (size: number) => bytes.subarray(0, size)
        expect(newSubdomain(random)).toMatch(/^[a-z][0-9a-z]{13}$/)
        expect(newSandboxId(random)).toMatch(/^sb_[0-9a-z]{26}$/)
        expect(parsePreviewLabel(newSubdomain(random))).toBeUndefined()
        expect(checkName(defaultName('react', newSubdomain(random)))).toMatch(/^react-/)
      }),
    )
  })

  it('do not meet', () => {
    const made = new Set(Array.from({ length: 20_000 }, () => newSubdomain(randomBytes)))
    expect(made.size).toBe(20_000)
  })
})

describe('chosen names', () => {
  it.each(['a', 'my-app', 'x'.repeat(63), 'My-App', 'a1'])('%s is allowed', (name) => {
    expect(checkName(name)).toBe(name.toLowerCase())
  })

  it.each([
    '',
    '1a',
    '-a',
    'a-',
    'a_b',
    'a.b',
    'a b',
    'x'.repeat(64),
    'ä',
    'a\n',
    'www',
    'NS1',
    'xn--a',
    'sb-1',
    '../a',
  ])('%j is not', (name) => {
    expect(() => checkName(name)).toThrow(/The name .* (cannot be used|is reserved)/)
  })
})

describe('preview labels', () => {
  it.each<[string, unknown]>([
    ['5173-abc', { port: 5173, subdomain: 'abc' }],
    ['1-a', { port: 1, subdomain: 'a' }],
    ['65535-a-b', { port: 65_535, subdomain: 'a-b' }],
  ])('%s', (label, expected) => expect(parsePreviewLabel(label)).toEqual(expected))

  it.each(['abc', '0-a', '08080-a', '65536-a', '99999-a', '-a', '80-', '80-1a', '80-A', '8e1-a'])(
    '%s is none',
    (label) => {
      expect(parsePreviewLabel(label)).toBeUndefined()
    },
  )
})

it('what a person wrote is printed without what moves a terminal or a reader', () => {
  expect(quote('a\u001b[31m\n\u202e\u2028"')).toBe('"a\\u001b[31m\\n\\u202e\\u2028\\""')
  expect(quote('x'.repeat(500)).length).toBeLessThanOrEqual(80)
})
