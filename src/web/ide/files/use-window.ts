import { type RefObject, useLayoutEffect, useState } from 'react'

const OVERSCAN_ROWS = 12

export interface ShownWindow {
  /** Height of a row, CSS pixels: `--row` of the element. */
  row: number
  /** Rows from `first` up to, not including, `last` are in sight, or nearly. */
  first: number
  last: number
  /** Rows that fit. */
  page: number
  /** Scrolls as little as needed to bring a row in sight; nothing for -1. */
  show: (index: number) => void
}

/** Which of many rows of one height are near the visible part of an element that scrolls. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number): ShownWindow {
  const [view, setView] = useState({ top: 0, height: 800, row: 24 })
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const measure = () => {
      const row = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row')) || 24
      setView({ top: element.scrollTop, height: element.clientHeight || 800, row })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    element.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', measure)
    }
  }, [scroller])
  const show = (index: number) => {
    const element = scroller.current
    if (!element || index < 0) return
    const top = index * view.row
    const lowest = top + view.row - element.clientHeight
    if (element.scrollTop > top || element.scrollTop < lowest) {
      // What was far away is shown in the middle, with what is around it.
      const isNear = element.scrollTop - top < view.row * 3 && lowest - element.scrollTop < view.row * 3
      element.scrollTop = isNear ? Math.max(lowest, Math.min(top, element.scrollTop)) : top - element.clientHeight / 2
    }
  }
  return {
    row: view.row,
    first: Math.max(0, Math.floor(view.top / view.row) - OVERSCAN_ROWS),
    last: Math.min(count, Math.ceil((view.top + view.height) / view.row) + OVERSCAN_ROWS),
    page: Math.max(1, Math.floor(view.height / view.row) - 1),
    show,
  }
}
