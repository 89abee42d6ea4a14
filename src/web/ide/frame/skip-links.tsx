import { focusPart } from './parts.ts'

const targets = [
  ['.part.work', 'Go to the editor'],
  ['.part.side', 'Go to the side bar'],
  ['.part.panel', 'Go to the terminal'],
] as const

/** The first things the Tab key reaches, seen only then. */
export function SkipLinks() {
  return (
    <nav className="skip-links" aria-label="Skip">
      {targets.map(([part, label]) => (
        <button key={part} type="button" className="button" onClick={() => focusPart(part)}>
          {label}
        </button>
      ))}
    </nav>
  )
}
