import { expect, it } from 'vitest'
import { ageOf } from '../../../src/web/dashboard/age.ts'
import { nextPage } from '../../../src/web/dashboard/next-page.ts'
import { expiredLink, tokenIn } from '../../../src/web/dashboard/sign-in-text.ts'

it('leads only to a path of this origin', () => {
  expect(nextPage('?next=/open/abc%3Fto%3D%252F')).toBe('/open/abc?to=%2F')
  for (const bad of ['//evil.test', '/\\evil.test', 'https://evil.test', 'javascript:alert(1)', '']) {
    expect(nextPage(`?next=${encodeURIComponent(bad)}`)).toBeUndefined()
  }
  expect(nextPage('?next=/%09/evil.test')).toBeUndefined()
  expect(nextPage('')).toBeUndefined()
})

it('says ages in the largest unit that is enough', () => {
  const now = Date.parse('2026-01-10T00:00:00Z')
  expect(ageOf('2026-01-09T23:59:30Z', now)).toBe('just now')
  expect(ageOf('2026-01-09T23:01:00Z', now)).toBe('59 min')
  expect(ageOf('2026-01-09T03:00:00Z', now)).toBe('21 h')
  expect(ageOf('2026-01-08T23:00:00Z', now)).toBe('1 day')
  expect(ageOf('2026-01-01T00:00:00Z', now)).toBe('9 days')
  expect(ageOf('2026-01-11T00:00:00Z', now)).toBe('just now')
})

it('finds the token in whatever was pasted', () => {
  expect(tokenIn(' abc.def ')).toBe('abc.def')
  expect(tokenIn('http://127.0.0.1:8080/signin?token=abc.def\n')).toBe('abc.def')
  expect(expiredLink('?expired=1&next=/open/x')).toContain('used already')
  expect(expiredLink('?next=/open/x')).toBeUndefined()
})
