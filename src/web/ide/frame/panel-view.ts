import { type ComponentType, createContext } from 'react'
import type { Store } from '../../shared/store.ts'

/** A view of the panel below the editor: terminals, problems, a console. */
export interface PanelView {
  id: string
  title: string
  /** As a command's; it shows the view, and hides it when it is shown. */
  key?: string
  /**
   * The code that draws it comes when it is first shown; from then on it stays in the page, and is told when it is not
   * seen. What it wants in the panel's bar it puts into `PanelTools`.
   */
  load: () => ComponentType<PanelViewProps> | Promise<ComponentType<PanelViewProps>>
  /** A few letters behind its title, or ''. */
  badge?: Store<string>
}

export interface PanelViewProps {
  /** Whether it is in sight. */
  shown: boolean
}

/** The place in the panel's bar of the view around, while that is the one chosen. */
export const PanelBar = createContext<Element | undefined>(undefined)
