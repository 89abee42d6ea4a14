import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { pressedKey, shownKeys } from '../keys/keys.ts'
import type { Command } from '../palette/command.ts'
import { useWorkspace } from '../workspace-context.ts'

/** All commands and their keys: to look up, and to change. */
export function KeysPage() {
  const { commands, keys } = useWorkspace()
  const list = useStore(commands.list)
  useStore(keys.version)
  const [query, setQuery] = useState('')
  const [recording, setRecording] = useState<string>()
  const words = query.toLowerCase().split(/\s+/)
  const found = list
    .map((command) => ({ command, shown: shownKeys(keys.of(command)) }))
    .filter(({ command, shown }) => {
      const text = `${command.title} ${command.id} ${shown}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .toSorted((a, b) => a.command.title.localeCompare(b.command.title))
  return (
    <section className="settings keys-page" aria-label="Keyboard shortcuts">
      <header>
        <input
          className="field"
          type="search"
          aria-label="Search keyboard shortcuts"
          placeholder="Search by command or keys, like Ctrl+P"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </header>
      {found.length === 0 && <p className="none">No command is called so.</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">Command</th>
            <th scope="col">Keys</th>
            <th scope="col">
              <span className="hidden-text">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ command }) => (
            <Row
              key={command.id}
              command={command}
              recording={recording === command.id}
              onRecord={(on) => setRecording(on ? command.id : undefined)}
            />
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface RowProps {
  command: Command
  recording: boolean
  onRecord: (on: boolean) => void
}

function Row({ command, recording, onRecord }: RowProps) {
  const { keys } = useWorkspace()
  const current = keys.of(command)
  const conflicts = current === '' ? [] : keys.conflicts(command.id, current)
  const change = useRef<HTMLButtonElement>(null)
  const done = () => {
    onRecord(false)
    // The field goes with the focus in it.
    requestAnimationFrame(() => change.current?.focus())
  }
  return (
    <tr data-command={command.id} data-changed={keys.isChosen(command.id) ? '' : undefined}>
      <td>
        {command.title}
        <code>{command.id}</code>
      </td>
      <td>
        {recording ? (
          <Recorder command={command} onDone={done} />
        ) : (
          <>
            {current === '' ? <span className="none">none</span> : <kbd>{shownKeys(current)}</kbd>}
            {conflicts.length > 0 && (
              <span className="conflict">
                <Icon name="warning" size={13} />
                also: {conflicts.map(({ title }) => title).join(', ')}
              </span>
            )}
          </>
        )}
      </td>
      <td>
        <div className="row-of-tools">
          <button
            ref={change}
            type="button"
            className="tool"
            aria-label={`Change the keys of ${command.title}`}
            title="Change"
            onClick={() => onRecord(true)}
          >
            <Icon name="edit" size={14} />
          </button>
          <button
            type="button"
            className="tool"
            disabled={current === ''}
            aria-label={`Remove the keys of ${command.title}`}
            title="Remove"
            onClick={() => keys.choose(command.id, '')}
          >
            <Icon name="trash" size={14} />
          </button>
          <button
            type="button"
            className="tool"
            disabled={!keys.isChosen(command.id)}
            aria-label={`Reset the keys of ${command.title}`}
            title="Back to the default"
            onClick={() => keys.reset(command.id)}
          >
            <Icon name="refresh" size={14} />
          </button>
        </div>
      </td>
    </tr>
  )
}

/** Takes the next keys, one or two; Enter keeps them, Backspace forgets them, Escape leaves. */
function Recorder({ command, onDone }: { command: Command; onDone: () => void }) {
  const { keys } = useWorkspace()
  const [presses, setPresses] = useState<readonly string[]>([])
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const recorded = presses.join(',')
  const conflicts = recorded === '' ? [] : keys.conflicts(command.id, recorded)
  const press = (event: KeyboardEvent) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey
    if (event.key === 'Tab' && plain) return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape' && plain) return onDone()
    if (event.key === 'Backspace' && plain) return setPresses([])
    if (event.key === 'Enter' && plain) {
      if (recorded !== '') keys.choose(command.id, recorded)
      return onDone()
    }
    const key = pressedKey(event.nativeEvent)
    // A letter alone could not be typed any more.
    if (key === undefined || (plain && !/^F\d+$/.test(event.key) && presses.length === 0)) return
    setPresses(presses.length === 1 ? [...presses, key] : [key])
  }
  return (
    <span className="recorder">
      <input
        ref={field}
        className="field"
        readOnly
        data-records-keys=""
        aria-label={`Press the keys for ${command.title}, then Enter`}
        placeholder="Press keys, then Enter"
        value={shownKeys(recorded)}
        onKeyDown={press}
        onBlur={onDone}
      />
      {conflicts.length > 0 && (
        <span className="conflict" role="status">
          <Icon name="warning" size={13} />
          {conflicts.map(({ title }) => title).join(', ')} has these keys
        </span>
      )}
    </span>
  )
}
