import type { ComponentType } from 'react'
import type { IconName } from '../../shared/icons.tsx'

/** A kind of tab that is no file: a difference, the settings, a page of results. */
export interface TabView {
  id: string
  /** What the tab is called, and what it says when pointed at. */
  title: (arg: string) => string
  detail?: (arg: string) => string
  icon: IconName
  /** The code that draws it comes when it is first shown. */
  load: () => ComponentType<{ arg: string }> | Promise<ComponentType<{ arg: string }>>
  /** Its tab was closed. */
  closed?: (arg: string) => void
}

/** No path holds a NUL, so that a view's tab is never taken for a file's. */
const MARK = '\0'

/** The tab of a view, `arg` being whatever the view takes. */
export function viewTab(view: string, arg = ''): string {
  return `${MARK}${view}:${arg}`
}

/** Undefined when it is a file's tab. */
export function parseViewTab(tab: string): { view: string; arg: string } | undefined {
  if (!tab.startsWith(MARK)) return undefined
  const colon = tab.indexOf(':')
  return { view: tab.slice(1, colon), arg: tab.slice(colon + 1) }
}
