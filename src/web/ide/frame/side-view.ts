import type { ComponentType } from 'react'
import type { IconName } from '../../shared/icons.tsx'
import type { Store } from '../../shared/store.ts'

/** A view of the side bar, with its button in the activity bar. */
export interface SideView {
  id: string
  title: string
  icon: IconName
  /** As a command's; it shows the view. */
  key?: string
  /** The code that draws it comes when it is first shown. */
  load: () => ComponentType | Promise<ComponentType>
  /** A few letters on its button, or ''. */
  badge?: Store<string>
}

/** An item of the title bar, right of the search. */
export interface TitleItem {
  id: string
  Component: ComponentType
}

/** An item of the status bar. */
export interface StatusItem {
  id: string
  side: 'left' | 'right'
  Component: ComponentType
}
