import type { Extension } from '@codemirror/state'
import { indentationMarkers } from '@replit/codemirror-indentation-markers'
import { bracketColours } from './bracket-colours.ts'

/** What an editor can be typed into without: it comes when the page is idle. */
export function comforts({ bracketColours: brackets, indentGuides }: Record<Comfort, boolean>): Extension {
  const line = 'var(--guide)'
  const active = 'var(--guide-now)'
  return [
    brackets ? bracketColours : [],
    indentGuides
      ? indentationMarkers({
          markerType: 'codeOnly',
          colors: { light: line, dark: line, activeLight: active, activeDark: active },
        })
      : [],
  ]
}

export type Comfort = 'bracketColours' | 'indentGuides'
