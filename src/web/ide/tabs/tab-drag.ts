import { type DragEvent, useState } from 'react'
import type { TabList } from './tab-list.ts'

const TYPE = 'application/x-omega-tab'

/** A tab can be dragged before or behind this one; `mark` says where it would come to lie. */
export function useTabDrag(tabs: TabList, tab: string) {
  const [mark, setMark] = useState<'before' | 'behind' | undefined>()
  const isTab = (event: DragEvent) => event.dataTransfer.types.includes(TYPE)
  const sideOf = (event: DragEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    return event.clientX < left + width / 2 ? 'before' : 'behind'
  }
  const handlers = {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData(TYPE, tab)
      event.dataTransfer.effectAllowed = 'move'
    },
    onDragOver: (event: DragEvent) => {
      if (!isTab(event)) return
      event.preventDefault()
      event.stopPropagation()
      setMark(sideOf(event))
    },
    onDragLeave: () => setMark(undefined),
    onDrop: (event: DragEvent) => {
      setMark(undefined)
      if (!isTab(event)) return
      event.preventDefault()
      event.stopPropagation()
      const { open } = tabs.state.get()
      const moved = event.dataTransfer.getData(TYPE)
      tabs.move(moved, sideOf(event) === 'before' ? tab : open[open.indexOf(tab) + 1])
    },
  }
  return { mark, handlers }
}

/** Behind the last tab there is room, too. */
export function dropAtEnd(tabs: TabList) {
  return {
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes(TYPE)) event.preventDefault()
    },
    onDrop: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(TYPE)) return
      event.preventDefault()
      tabs.move(event.dataTransfer.getData(TYPE), undefined)
    },
  }
}
