import { useState } from 'react'
import { useWorkspace } from '../workspace-context.ts'
import type { TerminalTools } from './terminal-tools.ts'

const keys: [label: string, name: string, bytes: string | ((tools: TerminalTools | undefined) => string)][] = [
  ['Esc', 'Escape', '\u001b'],
  ['Tab', 'Tab', '\t'],
  ['Ctrl', 'Control', ''],
  ['←', 'Left', arrow('D')],
  ['↑', 'Up', arrow('A')],
  ['↓', 'Down', arrow('B')],
  ['→', 'Right', arrow('C')],
  ['^C', 'Interrupt', '\u0003'],
  ['|', 'Pipe', '|'],
  ['/', 'Slash', '/'],
  ['-', 'Hyphen', '-'],
  ['~', 'Tilde', '~'],
]

const encoder = new TextEncoder()

function arrow(letter: string) {
  return (tools: TerminalTools | undefined) => tools?.arrow(letter) ?? `\u001b[${letter}`
}

/** Keys a phone's keyboard lacks. Ctrl holds for the next letter. */
export function KeyBar() {
  const { terminals } = useWorkspace()
  const [held, setHeld] = useState(false)
  const send = (bytes: (typeof keys)[number][2]) => {
    const { active } = terminals.state.get()
    const text = typeof bytes === 'string' ? bytes : bytes(terminals.activeTools)
    if (active !== undefined) terminals.input(active, encoder.encode(text))
  }
  const hold = () => {
    setHeld(!held)
    terminals.holdControl(held ? undefined : () => setHeld(false))
  }
  return (
    <div className="keybar" role="toolbar" aria-label="Terminal keys">
      {keys.map(([label, name, text]) => (
        <button
          key={name}
          type="button"
          aria-label={name}
          aria-pressed={name === 'Control' ? held : undefined}
          // The keyboard stays where it is: the focus does not leave the terminal.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => (name === 'Control' ? hold() : send(text))}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
