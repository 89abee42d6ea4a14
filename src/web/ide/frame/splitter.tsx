import type { KeyboardEvent, PointerEvent } from 'react'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { LIMITS, type Part } from './layout.ts'

/** The element whose size the splitter changes, and how a pointer's position gives that size. */
const measured: Record<Part, { selector: string; size: (box: DOMRect, x: number, y: number) => number }> = {
  side: { selector: '.side', size: (box, x) => x - box.left },
  terminal: { selector: '.terminals', size: (box, _x, y) => box.bottom - y },
  preview: { selector: '.preview', size: (box, x) => box.right - x },
}

const keySteps: Record<Part, Record<string, number>> = {
  side: { ArrowLeft: -16, ArrowRight: 16 },
  terminal: { ArrowUp: 16, ArrowDown: -16 },
  preview: { ArrowLeft: 16, ArrowRight: -16 },
}

/** A line between two parts: drag it, or focus it and use the arrow keys. */
export function Splitter({ part, label }: { part: Part; label: string }) {
  const { layout } = useWorkspace()
  const { sizes } = useStore(layout.state)
  const box = () => document.querySelector(measured[part].selector)?.getBoundingClientRect() ?? new DOMRect()
  const current = () => (part === 'terminal' ? box().height : box().width)

  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      layout.resize(part, measured[part].size(box(), event.clientX, event.clientY))
    }
  }
  const begin = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    event.currentTarget.dataset.dragging = ''
    document.body.dataset.resizing = ''
  }
  const end = (event: PointerEvent<HTMLDivElement>) => {
    delete event.currentTarget.dataset.dragging
    delete document.body.dataset.resizing
  }
  const press = (event: KeyboardEvent) => {
    const step = keySteps[part][event.key]
    if (step === undefined) return
    event.preventDefault()
    layout.resize(part, current() + step)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be dragged
    <div
      className={`splitter of-${part}`}
      role="separator"
      aria-label={label}
      aria-orientation={part === 'terminal' ? 'horizontal' : 'vertical'}
      aria-valuenow={sizes[part]}
      aria-valuemin={LIMITS[part].least}
      aria-valuemax={LIMITS[part].most}
      tabIndex={0}
      onPointerDown={begin}
      onPointerMove={drag}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={press}
    />
  )
}
