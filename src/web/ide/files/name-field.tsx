import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { refuseName } from './paths.ts'

interface NameFieldProps {
  label: string
  value: string
  onNamed: (name: string) => void
  onEnd: () => void
}

/** Where a name is typed in the tree: Enter takes it, Escape and leaving it without a change do not. */
export function NameField({ label, value, onNamed, onEnd }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  const [name, setName] = useState(value)
  const refusal = refuseName(name)
  useEffect(() => {
    field.current?.focus()
    const dot = value.lastIndexOf('.')
    field.current?.setSelectionRange(0, dot > 0 ? dot : value.length)
  }, [value])
  const finished = useRef(false)
  const finish = () => {
    // Enter takes the field away, which blurs it.
    if (finished.current) return
    finished.current = true
    if (refusal || name === value) onEnd()
    else onNamed(name)
  }
  const press = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') {
      finished.current = true
      onEnd()
    } else if (event.key === 'Enter') finish()
  }
  return (
    <input
      ref={field}
      aria-label={label}
      aria-invalid={refusal !== undefined && name !== ''}
      title={name === '' ? '' : refusal}
      value={name}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      onChange={(event) => setName(event.target.value)}
      onKeyDown={press}
      onClick={(event) => event.stopPropagation()}
      onBlur={finish}
    />
  )
}
