import type { Workspace } from '../workspace.ts'

/** The page's parts in the order F6 goes through them, and what in each takes the focus: the first in sight. */
const parts = [
  { part: '.titlebar', targets: ['button'] },
  { part: '.activitybar', targets: ['button'] },
  {
    part: '.part.side',
    targets: ['[role=tree] [tabindex="0"], [role=tree][tabindex="0"]', 'input, [tabindex="0"]', 'button'],
  },
  { part: '.part.work', targets: ['.cm-content', 'input, textarea', '[tabindex="0"], button'] },
  {
    part: '.part.panel',
    targets: [
      '.panel-body:not([hidden]) .xterm-helper-textarea',
      '.panel-body:not([hidden]) :is([tabindex="0"], input)',
      'button',
    ],
  },
  { part: '.part.preview', targets: ['button', 'input'] },
  { part: '.statusbar', targets: ['button'] },
  { part: '.toasts', targets: ['button'] },
]

/** F6 and Shift+F6 go from part to part, whatever has the focus. */
export function addParts({ commands }: Workspace): void {
  const go = (step: 1 | -1) => () => focusNextPart(document, step)
  commands.add(
    { id: 'frame.nextPart', title: 'Go to the next part of the page', key: 'F6', inTerminal: true, run: go(1) },
    {
      id: 'frame.previousPart',
      title: 'Go to the previous part of the page',
      key: 'Shift+F6',
      inTerminal: true,
      run: go(-1),
    },
    { id: 'frame.focusEditor', title: 'Go to the editor', key: 'Ctrl+1', run: () => focusPart('.part.work') },
  )
}

/** Puts the focus into a part. False if there is none in sight. */
export function focusPart(selector: string): boolean {
  const entry = parts.find(({ part }) => part === selector)
  const element = document.querySelector(selector)
  if (!entry || !element) return false
  const target = entry.targets
    .flatMap((selectors) => [...element.querySelectorAll<HTMLElement>(selectors)])
    .find(isInSight)
  target?.focus()
  return target !== undefined && document.activeElement === target
}

function focusNextPart(document: Document, step: 1 | -1): void {
  const at = parts.findIndex(({ part }) => document.activeElement?.closest(part))
  for (let distance = 1; distance <= parts.length; distance++) {
    const next = parts[(at + step * distance + parts.length * 2) % parts.length]
    if (next && focusPart(next.part)) return
  }
}

function isInSight(element: HTMLElement): boolean {
  return element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled')
}
