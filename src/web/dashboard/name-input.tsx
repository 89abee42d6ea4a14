import type { RefObject } from 'react'

interface NameInputProps {
  name: string
  onName: (name: string) => void
  /** Of the label that stands beside it; with `label` there is none. */
  id?: string
  label?: string
  placeholder?: string
  readOnly?: boolean
  isWrong?: boolean
  input?: RefObject<HTMLInputElement | null>
}

/** Where people type what a sandbox or a snapshot shall be called. */
export function NameInput({ name, onName, id, label, placeholder, readOnly, isWrong, input }: NameInputProps) {
  return (
    <input
      className="field"
      ref={input}
      id={id}
      aria-label={label}
      aria-invalid={isWrong}
      placeholder={placeholder}
      maxLength={63}
      value={name}
      readOnly={readOnly}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      onChange={(event) => onName(event.target.value)}
    />
  )
}
