import { type CSSProperties, useState } from 'react'
import type { Shown } from '../../../core/wire/observed.ts'

/** What a `%c` may change; a page must not draw over the IDE's own. */
const stylable = /^(?:color|background|background-color|font-weight|font-style|text-decoration|border-radius|padding)$/
const harmless = /^[\w\s#.,%()-]{1,80}$/

/** A value that a page printed: one line, and what is in it when it is unfolded. */
export function ValueView({ value, name }: { value: Shown; name?: string }) {
  const [open, setOpen] = useState(false)
  const { kind, text, entries = [], more = 0 } = value
  const label = name === undefined ? null : <span className="value-name">{name}: </span>
  if (entries.length === 0 && more === 0) {
    return (
      <span className="value" data-kind={kind} style={styleOf(value)}>
        {label}
        {quoted(value)}
      </span>
    )
  }
  return (
    <span className="value" data-kind={kind}>
      <button type="button" className="value-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
        {text}
        {!open && kind !== 'error' && <span className="value-inside"> {summary(value)}</span>}
      </button>
      {open && (
        <span className="value-entries">
          {entries.map(([key, inner], index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a map may have one name twice, and nothing moves
            <ValueView key={index} name={key} value={inner} />
          ))}
          {more > 0 && <span className="value-more">{more} more</span>}
        </span>
      )}
    </span>
  )
}

/** The first few of what is in it. */
function summary({ text, entries = [], more = 0 }: Shown): string {
  const isList = /^(?:Array|Set|\w*Array)\(/.test(text)
  const first = entries
    .slice(0, isList ? 8 : 4)
    .map(([name, value]) => (isList ? brief(value) : `${name}: ${brief(value)}`))
  const rest = entries.length - first.length + more
  const inside = [...first, ...(rest > 0 ? ['...'] : [])].join(', ')
  return isList ? `[${inside}]` : `{${inside}}`
}

function brief(value: Shown): string {
  const words = quoted(value).split('\n', 1)[0] ?? ''
  return words.length > 40 ? `${words.slice(0, 39)}…` : words
}

function quoted({ kind, text }: Shown): string {
  return kind === 'string' ? `"${text}"` : text
}

/** The CSS of a `%c`, as far as it only colours letters. */
export function styleOf({ style }: Pick<Shown, 'style'>): CSSProperties | undefined {
  if (style === undefined) return undefined
  const given = style.split(';').flatMap((declaration): [string, string][] => {
    const colon = declaration.indexOf(':')
    const [property, value] = [declaration.slice(0, colon).trim().toLowerCase(), declaration.slice(colon + 1).trim()]
    if (!stylable.test(property) || !harmless.test(value) || /url|var|attr/i.test(value)) return []
    return [[property.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase()), value]]
  })
  return Object.fromEntries(given)
}
