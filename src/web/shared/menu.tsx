import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'

export interface MenuItem {
  id: string
  title: string
  /** As shown. */
  key?: string
  /** Items of another group than the one before have a line above them. */
  group: string
  danger?: boolean
  run: () => void
}

export interface MenuPlace {
  /** CSS pixels of the window. */
  x: number
  y: number
}

interface MenuProps {
  label: string
  items: readonly MenuItem[]
  at: MenuPlace
  onClose: () => void
}

/** A menu at a point: arrows walk, letters find, Enter does, Escape closes and the focus returns to where it was. */
export function Menu({ label, items, at, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<MenuPlace>(at)

  // Where it fits.
  useLayoutEffect(() => {
    // In the top layer: no part of the page, whatever it is stacked in, covers a menu.
    menu.current?.showPopover()
    const box = menu.current?.getBoundingClientRect()
    if (!box) return
    const within = (start: number, size: number, room: number) => Math.max(4, Math.min(start, room - size - 4))
    setPlace({ x: within(at.x, box.width, innerWidth), y: within(at.y, box.height, innerHeight) })
  }, [at])

  useEffect(() => {
    const before = document.activeElement
    const first = menu.current?.querySelector<HTMLElement>('[role=menuitem]')
    first?.focus({ preventScroll: true })
    const element = menu.current
    const away = (event: Event) => {
      if (!element?.contains(event.target as Node)) onClose()
    }
    window.addEventListener('pointerdown', away, { capture: true })
    window.addEventListener('blur', onClose)
    window.addEventListener('resize', onClose)
    return () => {
      window.removeEventListener('pointerdown', away, { capture: true })
      window.removeEventListener('blur', onClose)
      window.removeEventListener('resize', onClose)
      const focus = document.activeElement
      if ((focus === null || focus === document.body) && before instanceof HTMLElement) before.focus()
    }
  }, [onClose])

  const run = (item: MenuItem) => {
    onClose()
    // The focus is back where it was before anything else takes it.
    setTimeout(item.run)
  }
  return createPortal(
    <div
      ref={menu}
      popover="manual"
      className="popup-menu"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      style={{ left: place.x, top: place.y }}
      onKeyDown={(event) => press(event, onClose)}
      onContextMenu={(event) => event.preventDefault()}
    >
      {items.map((item, index) => [
        index > 0 && items[index - 1]?.group !== item.group && <hr key={`before ${item.id}`} />,
        <button
          key={item.id}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={item.danger ? 'danger' : undefined}
          onClick={() => run(item)}
          onPointerEnter={(event) => event.pointerType === 'mouse' && event.currentTarget.focus()}
        >
          <span>{item.title}</span>
          {item.key !== undefined && <kbd>{item.key}</kbd>}
        </button>,
      ])}
    </div>,
    document.body,
  )
}

function press(event: KeyboardEvent<HTMLElement>, onClose: () => void): void {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')]
  const at = all.indexOf(document.activeElement as HTMLElement)
  const letter = event.key.length === 1 && event.key !== ' ' ? event.key.toLowerCase() : undefined
  const target =
    letter === undefined
      ? { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
      : [...all.keys()]
          .map((step) => (at + 1 + step) % all.length)
          .find((index) => all[index]?.textContent?.toLowerCase().startsWith(letter))
  if (event.key === 'Escape' || event.key === 'Tab') onClose()
  else if (target !== undefined) all[(target + all.length) % all.length]?.focus()
  else return
  event.preventDefault()
  event.stopPropagation()
}
