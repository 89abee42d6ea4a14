import { isWithin } from '../files/paths.ts'

/** The open files in their order, and the one shown. Values: every function gives a new one. */
export interface Tabs {
  readonly open: readonly string[]
  readonly active: string | undefined
}

export const noTabs: Tabs = { open: [], active: undefined }

/** Shows `path`, in a new tab to the right of the shown one when it has none. */
export function openTab(tabs: Tabs, path: string): Tabs {
  if (tabs.open.includes(path)) return { open: tabs.open, active: path }
  const at = tabs.active === undefined ? tabs.open.length : tabs.open.indexOf(tabs.active) + 1
  return { open: tabs.open.toSpliced(at, 0, path), active: path }
}

/** Without `path`; its right neighbour, else its left one, is shown instead. */
export function closeTab(tabs: Tabs, path: string): Tabs {
  const at = tabs.open.indexOf(path)
  if (at < 0) return tabs
  const open = tabs.open.toSpliced(at, 1)
  return { open, active: tabs.active === path ? (open[at] ?? open[at - 1]) : tabs.active }
}

/** Moves a tab to the place of another one, or to the end. */
export function moveTab(tabs: Tabs, tab: string, before: string | undefined): Tabs {
  if (tab === before || !tabs.open.includes(tab)) return tabs
  const others = tabs.open.filter((other) => other !== tab)
  const at = before === undefined ? others.length : others.indexOf(before)
  return at < 0 ? tabs : { open: others.toSpliced(at, 0, tab), active: tabs.active }
}

/** Moves a tab one place further; it stays at the ends. */
export function shiftTab(tabs: Tabs, tab: string, step: 1 | -1): Tabs {
  const at = tabs.open.indexOf(tab)
  const to = at + step
  if (at < 0 || to < 0 || to >= tabs.open.length) return tabs
  return { open: tabs.open.toSpliced(at, 1).toSpliced(to, 0, tab), active: tabs.active }
}

/** The tabs that are closed when all but `tab`, or all right of it, are to be. */
export function tabsBeside(tabs: Tabs, tab: string, which: 'others' | 'right'): string[] {
  const at = tabs.open.indexOf(tab)
  return tabs.open.filter((other, index) => (which === 'others' ? other !== tab : index > at))
}

/** `path`, or everything below it, is called differently now. */
export function renameTabs(tabs: Tabs, from: string, to: string): Tabs {
  const renamed = (path: string) => (isWithin(path, from) ? to + path.slice(from.length) : path)
  return {
    open: tabs.open.map(renamed),
    active: tabs.active === undefined ? undefined : renamed(tabs.active),
  }
}

/** The tab `step` places further, around the ends. */
export function neighbourTab(tabs: Tabs, step: 1 | -1): Tabs {
  const at = tabs.active === undefined ? -1 : tabs.open.indexOf(tabs.active)
  const next = tabs.open[(at + step + tabs.open.length) % Math.max(1, tabs.open.length)]
  return next === undefined ? tabs : { open: tabs.open, active: next }
}
