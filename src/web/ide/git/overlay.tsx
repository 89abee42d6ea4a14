import { type FormEvent, useState } from 'react'
import { createPortal } from 'react-dom'
import { Sheet } from '../../shared/sheet.tsx'
import { useStore } from '../../shared/use-store.ts'
import { AskSheet } from './ask-sheet.tsx'
import type { ConfirmOptions, Dialog, FormOptions } from './dialogs.ts'
import type { GitPart } from './git-part.ts'
import { useFocused } from './use-focused.ts'

/** What git asks of the person: questions of its commands, and of the programs in the sandbox. */
export function Overlay({ part }: { part: GitPart }) {
  const dialog = useStore(part.dialogs.open)
  const asks = useStore(part.state.asks)
  const [ask] = asks
  return createPortal(
    <>
      {dialog && <Shown dialog={dialog} />}
      {ask && <AskSheet key={ask.ask} part={part} ask={ask} />}
    </>,
    document.body,
  )
}

function Shown({ dialog }: { dialog: Dialog }) {
  if (dialog.kind === 'form') return <Form options={dialog.options} onDone={dialog.done} />
  if (dialog.kind === 'confirm') return <Confirm options={dialog.options} onDone={dialog.done} />
  return <Text {...dialog.options} onClose={() => dialog.done(undefined)} />
}

function Form({
  options,
  onDone,
}: {
  options: FormOptions
  onDone: (values: Record<string, string> | undefined) => void
}) {
  const { title, detail, fields, action } = options
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map(({ id, value = '' }) => [id, value])),
  )
  const first = useFocused<HTMLInputElement>()
  const complete = fields.every(({ id, optional }) => optional || (values[id] ?? '').trim() !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (complete) onDone(values)
  }
  return (
    <Sheet title={title} onClose={() => onDone(undefined)}>
      <form className="git-form" onSubmit={submit}>
        {detail !== undefined && <p>{detail}</p>}
        {fields.map(({ id, label, placeholder, secret }, index) => (
          <label key={id}>
            {label}
            <input
              className="field"
              type={secret ? 'password' : 'text'}
              ref={index === 0 ? first : undefined}
              placeholder={placeholder}
              value={values[id] ?? ''}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              onChange={(event) => setValues({ ...values, [id]: event.target.value })}
            />
          </label>
        ))}
        <div className="choices">
          <button type="button" className="button" onClick={() => onDone(undefined)}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={!complete}>
            {action}
          </button>
        </div>
      </form>
    </Sheet>
  )
}

function Confirm({ options, onDone }: { options: ConfirmOptions; onDone: (action: string | undefined) => void }) {
  const { title, detail, actions } = options
  const first = useFocused<HTMLButtonElement>()
  return (
    <Sheet title={title} onClose={() => onDone(undefined)}>
      <p className="git-detail">{detail}</p>
      <div className="choices">
        <button type="button" className="button" onClick={() => onDone(undefined)}>
          Cancel
        </button>
        {actions
          .map(({ id, title: words, danger }, index) => (
            <button
              key={id}
              type="button"
              className={`button ${danger ? 'danger' : index === 0 ? 'primary' : ''}`}
              ref={index === 0 ? first : undefined}
              onClick={() => onDone(id)}
            >
              {words}
            </button>
          ))
          .reverse()}
      </div>
    </Sheet>
  )
}

function Text({ title, detail, text, onClose }: { title: string; detail: string; text: string; onClose: () => void }) {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    void navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    )
  return (
    <Sheet title={title} onClose={onClose}>
      <p>{detail}</p>
      <textarea
        className="field git-text"
        aria-label={title}
        readOnly
        rows={4}
        value={text}
        onFocus={(event) => event.target.select()}
      />
      <div className="choices">
        <button type="button" className="button" onClick={copy}>
          {copied ? 'Copied' : 'Copy'}
        </button>
        <button type="button" className="button primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Sheet>
  )
}
