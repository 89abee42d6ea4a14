import { expect, it } from 'vitest'
import { PlaceHistory } from '../../../src/web/ide/editor/place-history.ts'

const place = (path: string, line: number) => ({ path, line, column: 1 })

it('leads back to where one came from, and forth again', () => {
  const history = new PlaceHistory()
  history.visit(place('a.ts', 1))
  history.visit(place('a.ts', 4))
  history.visit(place('a.ts', 90))
  history.visit(place('b.ts', 1))
  expect(history.step(1)).toBeUndefined()
  expect(history.step(-1)).toEqual(place('a.ts', 90))
  expect(history.step(-1)).toEqual(place('a.ts', 4))
  expect(history.step(-1)).toBeUndefined()
  expect(history.step(1)).toEqual(place('a.ts', 90))
})

it('forgets what lay ahead when one goes elsewhere, but not when one stays', () => {
  const history = new PlaceHistory()
  for (const one of [place('a.ts', 1), place('b.ts', 1), place('c.ts', 1)]) history.visit(one)
  history.step(-1)
  history.visit(place('b.ts', 3))
  expect(history.step(1)).toEqual(place('c.ts', 1))
  history.step(-1)
  history.visit(place('d.ts', 1))
  expect(history.step(1)).toBeUndefined()
  expect(history.step(-1)).toEqual(place('b.ts', 3))
})

it('follows files that are renamed', () => {
  const history = new PlaceHistory()
  history.visit(place('src/a.ts', 1))
  history.visit(place('b.ts', 1))
  history.renamed('src', 'lib')
  expect(history.step(-1)?.path).toBe('lib/a.ts')
})
