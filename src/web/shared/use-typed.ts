import { useState } from 'react'

/**
 * The text of a field that shows `value` until something else is typed, and again when `value` has changed. What was typed
 * is known by the value it was typed over: an effect that put the value back would, run late, take typed letters away.
 */
export function useTyped(value: string): [text: string, type: (text: string) => void] {
  const [typed, setTyped] = useState({ over: value, text: value })
  return [typed.over === value ? typed.text : value, (text) => setTyped({ over: value, text })]
}
