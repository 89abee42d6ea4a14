import { describe, expect, it } from 'vitest'
import {
  closeTab,
  moveTab,
  neighbourTab,
  noTabs,
  openTab,
  renameTabs,
  shiftTab,
  tabsBeside,
} from '../../../src/web/ide/tabs/tabs.ts'

const three = { open: ['a', 'b', 'c'], active: 'b' }

describe('tabs', () => {
  it('open beside the shown one, once', () => {
    expect(openTab(noTabs, 'a')).toEqual({ open: ['a'], active: 'a' })
    expect(openTab(three, 'x')).toEqual({ open: ['a', 'b', 'x', 'c'], active: 'x' })
    expect(openTab(three, 'c')).toEqual({ open: ['a', 'b', 'c'], active: 'c' })
  })

  it('closing the shown one shows its right neighbour, else its left', () => {
    expect(closeTab(three, 'b').active).toBe('c')
    expect(closeTab({ open: ['a', 'b'], active: 'b' }, 'b').active).toBe('a')
    expect(closeTab({ open: ['a'], active: 'a' }, 'a')).toEqual({ open: [], active: undefined })
    expect(closeTab(three, 'a')).toEqual({ open: ['b', 'c'], active: 'b' })
    expect(closeTab(three, 'unknown')).toBe(three)
  })

  it('follow a renamed folder, and not one whose name only begins alike', () => {
    const tabs = { open: ['src/a', 'src2/a', 'src'], active: 'src/a' }
    expect(renameTabs(tabs, 'src', 'lib')).toEqual({ open: ['lib/a', 'src2/a', 'lib'], active: 'lib/a' })
  })

  it('step around the ends', () => {
    expect(neighbourTab({ ...three, active: 'c' }, 1).active).toBe('a')
    expect(neighbourTab({ ...three, active: 'a' }, -1).active).toBe('c')
    expect(neighbourTab(noTabs, 1)).toEqual(noTabs)
  })

  it('move before another one, to the end, and one place further', () => {
    expect(moveTab(three, 'c', 'a').open).toEqual(['c', 'a', 'b'])
    expect(moveTab(three, 'a', undefined)).toEqual({ open: ['b', 'c', 'a'], active: 'b' })
    expect(moveTab(three, 'a', 'a')).toBe(three)
    expect(moveTab(three, 'unknown', 'a')).toBe(three)
    expect(moveTab(three, 'a', 'unknown')).toBe(three)
    expect(shiftTab(three, 'a', 1).open).toEqual(['b', 'a', 'c'])
    expect(shiftTab(three, 'a', -1)).toBe(three)
    expect(shiftTab(three, 'c', 1)).toBe(three)
  })

  it('those beside one', () => {
    expect(tabsBeside(three, 'b', 'others')).toEqual(['a', 'c'])
    expect(tabsBeside(three, 'b', 'right')).toEqual(['c'])
    expect(tabsBeside(three, 'c', 'right')).toEqual([])
  })
})
