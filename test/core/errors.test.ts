import { describe, expect, it } from 'vitest'
import { errorTable, fromProblem, OmegaError, toProblem } from '../../src/core/errors.ts'

describe('the error table', () => {
  it.each(Object.entries(errorTable))('%s has a status, an exit code and a title of its own kind', (code, entry) => {
    expect(code).toMatch(/^[A-Z_]+$/)
    expect(entry.status).toBeGreaterThanOrEqual(400)
    expect(entry.status).toBeLessThan(600)
    expect(entry.exit).toBeGreaterThan(0)
    expect(entry.exit).toBeLessThan(126)
    expect(entry.title.length).toBeGreaterThan(5)
  })
})

describe('a problem document', () => {
  it('comes back as the error it was', () => {
    const error = new OmegaError('NAME_TAKEN', 'The name "a" is taken. Choose another one.', { name: 'a' })
    const problem = toProblem(error)
    expect(problem).toEqual({
      type: 'urn:omega:error:NAME_TAKEN',
      title: 'The name is taken',
      status: 409,
      detail: 'The name "a" is taken. Choose another one.',
      code: 'NAME_TAKEN',
      name: 'a',
    })
    const back = fromProblem(JSON.parse(JSON.stringify(problem)))
    expect([back?.code, back?.message, back?.details]).toEqual(['NAME_TAKEN', error.message, { name: 'a' }])
  })

  it('of what is unexpected shows nothing of its inside, and details never pass for the rest', () => {
    expect(JSON.stringify(toProblem(new Error('password is hunter2')))).not.toContain('hunter2')
    expect(toProblem(new OmegaError('NOT_FOUND', 'x', { status: 200, code: 'OK' }))).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    })
  })

  it.each([null, 'x', 1, {}, { code: 1 }, { code: 'NOPE' }, { code: 'toString' }, []])('%j is none', (value) => {
    expect(fromProblem(value)).toBeUndefined()
  })
})
