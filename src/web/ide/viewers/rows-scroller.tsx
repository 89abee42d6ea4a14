import { type ReactNode, type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import { BigScroll } from './big-scroll.ts'

/** The scroll bar is brought in line when nothing has moved for this long. */
const REST_MS = 200

export interface RowsHandle {
  /** Brings a row to the upper edge. */
  goTo: (row: number) => void
}

interface RowsScrollerProps {
  label: string
  count: number
  /** CSS pixels. */
  rowHeight: number
  /** The row's content; called for those in sight only. */
  draw: (row: number) => ReactNode
  /** Which rows are in sight: from `first` up to, not including, `last`. */
  onShown: (first: number, last: number) => void
  handle?: Ref<RowsHandle>
}

/** Any number of rows of one height, of which only those in sight are in the page. */
export function RowsScroller({ label, count, rowHeight, draw, onShown, handle }: RowsScrollerProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [scroll] = useState(() => new BigScroll())
  const [window, setWindow] = useState({ height: 600, shown: 0 })
  scroll.resize(count * rowHeight, window.height)

  const rest = useRef<ReturnType<typeof setTimeout>>(undefined)
  const settle = () => {
    const element = scroller.current
    if (!element) return
    const shown = scroll.settle()
    if (Math.abs(element.scrollTop - shown) >= 1) element.scrollTop = shown
    setWindow((before) => ({ ...before, shown: element.scrollTop }))
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows make another scale
  useLayoutEffect(settle, [count, rowHeight])
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(() => setWindow((before) => ({ ...before, height: element.clientHeight })))
    observer.observe(element)
    return () => {
      observer.disconnect()
      clearTimeout(rest.current)
    }
  }, [])
  useImperativeHandle(handle, () => ({
    goTo: (row) => {
      scroll.goTo(row * rowHeight)
      settle()
      scroller.current?.focus()
    },
  }))

  const first = Math.max(0, Math.floor(scroll.top / rowHeight))
  const last = Math.min(count, first + Math.ceil(window.height / rowHeight) + 1)
  useEffect(() => onShown(first, last), [first, last, onShown])
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index)
  return (
    <div
      ref={scroller}
      className="rows-scroller"
      role="document"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keys
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop } = event.currentTarget
        // What settling has caused is no movement.
        if (scrollTop !== window.shown) scroll.scrolled(scrollTop)
        setWindow((before) => ({ ...before, shown: scrollTop }))
        clearTimeout(rest.current)
        rest.current = setTimeout(settle, REST_MS)
      }}
    >
      <div className="rows" style={{ height: scroll.elementHeight }}>
        {rows.map((row) => (
          <div
            key={row}
            className="line"
            style={{ top: window.shown + row * rowHeight - scroll.top, height: rowHeight }}
          >
            {draw(row)}
          </div>
        ))}
      </div>
    </div>
  )
}
