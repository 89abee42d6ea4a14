import { expect, it } from 'vitest'
import { ageOf } from '../../../src/web/dashboard/age.ts'
import { nextPage } from '../../../src/web/dashboard/next-page.ts'

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
