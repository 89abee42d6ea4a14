import { useState } from 'react'
import { Sheet } from '../../shared/sheet.tsx'
import { lineCount } from './clipboard.ts'

const SHOWN_LINES = 6

interface PasteSheetProps {
  text: string
  onPaste: (text: string) => void
  /** The person does not want to be asked again. */
  onNeverAsk: () => void
  onClose: () => void
}

/** Asks before each of several lines is run as if it had been typed. */
export function PasteSheet({ text, onPaste, onNeverAsk, onClose }: PasteSheetProps) {
  const [never, setNever] = useState(false)
  const lines = text.split(/\r\n?|\n/)
  const paste = (what: string) => {
    if (never) onNeverAsk()
    onClose()
    onPaste(what)
  }
  return (
    <Sheet title={`Paste ${lineCount(text)} lines?`} onClose={onClose}>
      <p>The program in this terminal takes each line as if you had pressed Enter behind it.</p>
      <pre className="paste-text">
        {lines.slice(0, SHOWN_LINES).join('\n')}
        {lines.length > SHOWN_LINES && '\n…'}
      </pre>
      <label className="check">
        <input type="checkbox" checked={never} onChange={(event) => setNever(event.target.checked)} /> Do not ask again
      </label>
      <div className="choices">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button" onClick={() => paste(lines.join(' ').trim())}>
          Paste as one line
        </button>
        <button type="button" className="button primary" onClick={() => paste(text)}>
          Paste
        </button>
      </div>
    </Sheet>
  )
}
