import { type RefObject, useEffect, useRef } from 'react'

/** For the element of a dialog that has the focus when it opens: what its person most likely wants. */
export function useFocused<E extends HTMLElement>(): RefObject<E | null> {
  const element = useRef<E>(null)
  useEffect(() => element.current?.focus(), [])
  return element
}
