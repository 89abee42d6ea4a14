import type { KeyboardEvent } from 'react'

/**
 * Arrow keys, Home and End in a bar of which the Tab key reaches one element only: the focus goes to the next element
 * that `selector` names. True when the key was one of these.
 */
export function rove(event: KeyboardEvent<HTMLElement>, selector: string): boolean {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)].filter((one) => one.offsetParent)
  const at = all.indexOf(document.activeElement as HTMLElement)
  const target = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: all.length - 1,
  }[event.key]
  if (at < 0 || target === undefined) return false
  event.preventDefault()
  all[(target + all.length) % all.length]?.focus()
  return true
}
