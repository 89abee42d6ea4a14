import { expect, it } from 'vitest'
import {
  groupsFor,
  moveTo,
  neighbour,
  splitGroup,
  successor,
  unsplit,
} from '../../../src/web/ide/terminals/terminal-groups.ts'

it('groups hold each terminal there is once, the new ones alone', () => {
  expect(groupsFor([['a', 'b'], ['c', 'a'], ['gone']], ['b', 'c', 'a', 'new'])).toEqual([['a', 'b'], ['c'], ['new']])
  expect(groupsFor([], [])).toEqual([])
})

it('splitting puts a terminal to the right of another', () => {
  expect(splitGroup([['a', 'b'], ['c']], 'a', 'c')).toEqual([['a', 'c', 'b']])
  expect(splitGroup([['a'], ['c']], 'a', 'new')).toEqual([['a', 'new'], ['c']])
})

it('a terminal may leave its group', () => {
  expect(unsplit([['a', 'b', 'c'], ['d']], 'b')).toEqual([['a', 'c'], ['b'], ['d']])
  expect(unsplit([['a'], ['d']], 'a')).toEqual([['a'], ['d']])
})

it('a dragged tab goes where it was dropped', () => {
  expect(moveTo([['a'], ['b'], ['c']], 'a', 'c')).toEqual([['b'], ['c'], ['a']])
  expect(moveTo([['a'], ['b'], ['c']], 'c', 'a')).toEqual([['c'], ['a'], ['b']])
  expect(moveTo([['a'], ['b', 'c']], 'a', 'b')).toEqual([['b', 'a', 'c']])
  expect(moveTo([['a', 'b'], ['c']], 'b', 'c')).toEqual([['a'], ['c'], ['b']])
  expect(moveTo([['a', 'b']], 'b', 'a')).toEqual([['b', 'a']])
  expect(moveTo([['a']], 'a', 'a')).toEqual([['a']])
})

it('when one goes, what was beside it is shown', () => {
  const groups = [['a', 'b', 'c'], ['d']]
  expect(['a', 'b', 'c', 'd'].map((one) => successor(groups, one))).toEqual(['b', 'c', 'b', 'c'])
  expect(successor([['a']], 'a')).toBeUndefined()
})

it('stepping goes through all tabs, around the ends', () => {
  const groups = [['a', 'b'], ['c']]
  expect(['a', 'b', 'c'].map((one) => neighbour(groups, one, 1))).toEqual(['b', 'c', 'a'])
  expect(neighbour(groups, 'a', -1)).toBe('c')
  expect(neighbour([], undefined, 1)).toBeUndefined()
})
