import { type ReactNode, useContext } from 'react'
import { createPortal } from 'react-dom'
import { PanelBar } from './panel-view.ts'

/** What a view of the panel has in the panel's bar, beside the titles of the views. */
export function PanelTools({ children }: { children: ReactNode }) {
  const bar = useContext(PanelBar)
  return bar ? createPortal(children, bar) : null
}
