import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { FileMark } from '../files/file-mark.tsx'
import { shownKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'
import { Marked } from './marked.tsx'
import type { PaletteAnswer, PaletteItem } from './palette-mode.ts'
import type { PaletteRequest, Question } from './palette-state.ts'
import { usePaletteAnswer } from './use-palette-answer.ts'

const PAGE = 8

/** What was asked for last; the palette shows one thing at a time. */
export function Palette() {
  const { palette } = useWorkspace()
  const request = useStore(palette.shown)
  if (!request) return null
  return <Dialog key={request.only?.title ?? request.question?.title ?? request.text} request={request} />
}

function Dialog({ request }: { request: PaletteRequest }) {
  const { palette } = useWorkspace()
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const before = document.activeElement
    const shown = dialog.current
    shown?.showModal()
    return () => {
      // Nothing outside of a modal dialog can have the focus.
      shown?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it, as Escape does
    <dialog
      ref={dialog}
      className="palette"
      aria-label={request.only?.title ?? request.question?.title ?? 'Palette'}
      onCancel={(event) => {
        event.preventDefault()
        palette.close()
      }}
      onClose={() => palette.shown.get() === request && palette.close()}
      onClick={(event) => event.target === dialog.current && palette.close()}
    >
      {request.question ? <Ask question={request.question} /> : <Search request={request} />}
    </dialog>
  )
}

/** Type to narrow, arrows and Enter to choose, Escape to leave. */
function Search({ request }: { request: PaletteRequest }) {
  const { palette } = useWorkspace()
  const listId = useId()
  const [text, setText] = useState(request.text)
  const [chosen, setChosen] = useState(0)
  const { mode, answer, left } = usePaletteAnswer(request, text)
  const { items } = answer
  const isMoved = useRef(false)
  const at = Math.min(chosen, Math.max(0, items.length - 1))

  const take = (item: PaletteItem | undefined) => {
    if (!item) return
    left(true)
    // At once, for what is run may want the focus.
    flushSync(() => palette.close(true))
    item.run()
  }
  const move = (to: number, show = true) => {
    isMoved.current = true
    setChosen(to)
    if (show) document.getElementById(`${listId}-${to}`)?.scrollIntoView({ block: 'nearest' })
  }
  const step = (by: number) => move((at + by + items.length) % Math.max(1, items.length))
  useQuickSteps(
    request.isQuick === true,
    () => step(1),
    () => take(items[at]),
  )
  const current = items[at]
  useEffect(() => {
    if (isMoved.current) current?.preview?.()
  }, [current])

  const press = (event: KeyboardEvent) => {
    const last = items.length - 1
    const action = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      PageDown: () => move(Math.min(last, at + PAGE)),
      PageUp: () => move(Math.max(0, at - PAGE)),
      Enter: () => take(items[at]),
      // Not left to the dialog, which closes a moment later.
      Escape: () => palette.close(),
    }[event.key]
    if (!action || event.nativeEvent.isComposing) return
    event.preventDefault()
    action()
  }
  const label = mode?.title ?? 'Palette'
  return (
    <>
      <input
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={items.length > 0 ? `${listId}-${at}` : undefined}
        placeholder={mode?.placeholder}
        value={text}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        // biome-ignore lint/a11y/noAutofocus: the dialog is this field
        autoFocus
        onChange={(event) => {
          setText(event.target.value)
          isMoved.current = true
          setChosen(0)
        }}
        onKeyDown={press}
      />
      <i className="progress" data-busy={answer.busy ? '' : undefined} />
      <Hint answer={answer} />
      <div className="list" id={listId} role="listbox" aria-label={label}>
        {items.map((item, index) => (
          <Row
            key={item.id}
            id={`${listId}-${index}`}
            item={item}
            heading={item.group === items[index - 1]?.group ? undefined : item.group}
            isChosen={index === at}
            onPoint={() => index !== at && setChosen(index)}
            onTake={() => take(item)}
          />
        ))}
      </div>
    </>
  )
}

function Hint({ answer: { hint } }: { answer: PaletteAnswer }) {
  return (
    <div className="none" role="status" hidden={hint === undefined}>
      {hint}
    </div>
  )
}

interface RowProps {
  id: string
  item: PaletteItem
  heading: string | undefined
  isChosen: boolean
  onPoint: () => void
  onTake: () => void
}

function Row({ id, item, heading, isChosen, onPoint, onTake }: RowProps) {
  const { label, marks, detail, detailMarks, path, icon, key, note } = item
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the field above has the focus
    <div id={id} role="option" aria-selected={isChosen} onPointerMove={onPoint} onClick={onTake} title={path}>
      {path !== undefined && icon === undefined && <FileMark path={path} />}
      {icon !== undefined && <Icon name={icon} />}
      <span className="label">
        <Marked text={label} marks={marks} />
      </span>
      <span className="where">{detail !== undefined && <Marked text={detail} marks={detailMarks} />}</span>
      {heading !== undefined && <span className="group">{heading}</span>}
      {note !== undefined && <span className="note">{note}</span>}
      {key !== undefined && <Shortcut keys={key} />}
    </div>
  )
}

/** A box for each press. */
function Shortcut({ keys }: { keys: string }) {
  return (
    <span className="shortcut">
      {shownKeys(keys)
        .split(' ')
        .map((press) => (
          <kbd key={press}>{press}</kbd>
        ))}
    </span>
  )
}

function Ask({ question }: { question: Question }) {
  const { palette } = useWorkspace()
  const { title, placeholder, secret, check, answer } = question
  const [value, setValue] = useState(question.value ?? '')
  const refusal = check?.(value)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const give = () => {
    if (refusal !== undefined) return
    answer(value)
    palette.close(true)
  }
  return (
    <>
      <input
        ref={field}
        type={secret ? 'password' : 'text'}
        aria-label={title}
        aria-invalid={refusal !== undefined}
        placeholder={placeholder ?? title}
        value={value}
        spellCheck={false}
        autoComplete="off"
        // biome-ignore lint/a11y/noAutofocus: the dialog is this field
        autoFocus
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) give()
          else if (event.key === 'Escape') palette.close()
        }}
      />
      <div className="none" role="status" data-bad={refusal !== undefined && value !== '' ? '' : undefined}>
        {refusal !== undefined && value !== '' ? refusal : `${title}. Enter to confirm, Escape to leave.`}
      </div>
    </>
  )
}

/** Its key pressed again goes on; Ctrl released then takes what is chosen, as with a switcher of windows. */
function useQuickSteps(isQuick: boolean, onStep: () => void, onRelease: () => void): void {
  const { palette } = useWorkspace()
  const actions = useRef({ onStep, onRelease })
  actions.current = { onStep, onRelease }
  useEffect(() => {
    let stepped = isQuick
    const stop = palette.steps.subscribe(() => {
      stepped = true
      actions.current.onStep()
    })
    const release = (event: globalThis.KeyboardEvent) => {
      if (!stepped || !['Control', 'Meta', 'Alt'].includes(event.key)) return
      event.preventDefault()
      actions.current.onRelease()
    }
    window.addEventListener('keyup', release)
    return () => {
      stop()
      window.removeEventListener('keyup', release)
    }
  }, [palette, isQuick])
}
