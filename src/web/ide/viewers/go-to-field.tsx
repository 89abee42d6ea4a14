import { useState } from 'react'

interface GoToFieldProps {
  label: string
  /** Goes there, or gives the reason why that is not possible. */
  onGo: (text: string) => string | undefined
}

/** Where a number is typed to go to: Enter goes. */
export function GoToField({ label, onGo }: GoToFieldProps) {
  const [text, setText] = useState('')
  const [refusal, setRefusal] = useState<string | undefined>()
  return (
    <input
      className="go-to"
      aria-label={label}
      placeholder={label}
      title={refusal ?? label}
      aria-invalid={refusal !== undefined}
      value={text}
      inputMode="text"
      spellCheck={false}
      onChange={(event) => {
        setText(event.target.value)
        setRefusal(undefined)
      }}
      onKeyDown={(event) => event.key === 'Enter' && setRefusal(onGo(text))}
    />
  )
}
