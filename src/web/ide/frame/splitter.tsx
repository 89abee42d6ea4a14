import type { KeyboardEvent, PointerEvent } from 'react'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { LIMITS, type Part } from './layout.ts'

/** The edge of its part that a splitter lies on. */
type Edge = 'left' | 'right' | 'top'

/** How a pointer's position gives the part's size. */
const sizes: Record<Edge, (box: DOMRect, x: number, y: number) => number> = {
  left: (box, x) => box.right - x,
  right: (box, x) => x - box.left,
  top: (box, _x, y) => box.bottom - y,
}

/** CSS pixels that an arrow key adds. */
const STEP = 16
const keySteps: Record<Edge, Record<string, number>> = {
  left: { ArrowLeft: STEP, ArrowRight: -STEP },
  right: { ArrowLeft: -STEP, ArrowRight: STEP },
  top: { ArrowUp: STEP, ArrowDown: -STEP },
}

/** A line between two parts: drag it, or focus it and use the arrow keys; a double click gives the part its own size. */
export function Splitter({ part, label }: { part: Part; label: string }) {
  const { layout, settings } = useWorkspace()
  useStore(settings.values)
  const { sizes: chosen } = useStore(layout.state)
  const edge = edgeOf(part, document.documentElement.dataset)
  const box = () => document.querySelector(`.part.${part}`)?.getBoundingClientRect() ?? new DOMRect()
  const current = () => (edge === 'top' ? box().height : box().width)

  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      layout.resize(part, sizes[edge](box(), event.clientX, event.clientY))
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
    const step = keySteps[edge][event.key]
    if (event.key === 'Enter') layout.resize(part, 0)
    else if (step !== undefined) layout.resize(part, current() + step)
    else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be dragged
    <div
      className={`splitter of-${part}`}
      role="separator"
      aria-label={label}
      aria-orientation={edge === 'top' ? 'horizontal' : 'vertical'}
      aria-valuenow={chosen[part]}
      aria-valuemin={0}
      aria-valuemax={LIMITS[part].most}
      aria-valuetext={chosen[part] === 0 ? 'by itself' : `${chosen[part]} pixels`}
      tabIndex={0}
      onPointerDown={begin}
      onPointerMove={drag}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => layout.resize(part, 0)}
      onKeyDown={press}
    />
  )
}

/** As the page is laid out now (frame/look.ts). */
function edgeOf(part: Part, { side, preview }: DOMStringMap): Edge {
  if (part === 'panel') return 'top'
  if (part === 'side') return side === 'right' ? 'left' : 'right'
  if (preview === 'bottom') return 'top'
  return preview === 'left' ? 'right' : 'left'
}
