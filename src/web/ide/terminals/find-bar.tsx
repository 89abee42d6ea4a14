import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { ScreenSearch, SearchOptions } from './screen-search.ts'

const toggles: [option: keyof SearchOptions, label: string, sign: string][] = [
  ['caseSensitive', 'Match case', 'Aa'],
  ['wholeWord', 'Whole word', 'ab'],
  ['regex', 'Regular expression', '.*'],
]

interface FindBarProps {
  search: ScreenSearch
  /** Selected text to begin with. */
  initial: string
  /** Grows when it is asked for again. */
  asked: number
  onClose: () => void
}

/** Find in a terminal: Enter goes back through the output, Shift+Enter forward, Escape ends it. */
export function FindBar({ search, initial, asked, onClose }: FindBarProps) {
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(initial)
  const [options, setOptions] = useState<SearchOptions>({ caseSensitive: false, wholeWord: false, regex: false })
  const matches = useStore(search.matches)

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for again, it has the focus again
  useEffect(() => field.current?.select(), [asked])
  useEffect(() => search.find(text, options, 'typing'), [search, text, options])
  useEffect(() => () => search.end(), [search])

  const press = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') onClose()
    else if (event.key === 'Enter' || event.key === 'F3') {
      search.find(text, options, event.shiftKey === (event.key === 'Enter') ? 'next' : 'previous')
    } else return
    event.preventDefault()
  }
  return (
    <search className="find-bar" onKeyDown={press}>
      <input
        ref={field}
        aria-label="Find in the terminal"
        placeholder="Find"
        value={text}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      {toggles.map(([option, label, sign]) => (
        <button
          key={option}
          type="button"
          className="tool sign"
          aria-label={label}
          title={label}
          aria-pressed={options[option]}
          onClick={() => setOptions((now) => ({ ...now, [option]: !now[option] }))}
        >
          {sign}
        </button>
      ))}
      <span className="matches" role="status" data-testid="terminal-matches">
        {countOf(text, matches)}
      </span>
      <button
        type="button"
        className="tool"
        aria-label="Previous match"
        title="Previous (Enter)"
        onClick={() => search.find(text, options, 'previous')}
      >
        <Icon name="up" size={14} />
      </button>
      <button
        type="button"
        className="tool"
        aria-label="Next match"
        title="Next (Shift+Enter)"
        onClick={() => search.find(text, options, 'next')}
      >
        <Icon name="down" size={14} />
      </button>
      <button type="button" className="tool" aria-label="Close find" title="Close (Escape)" onClick={onClose}>
        <Icon name="close" size={14} />
      </button>
    </search>
  )
}

function countOf(text: string, matches: { index: number; count: number } | undefined): string {
  if (text === '') return ''
  if (!matches || matches.count === 0) return 'No results'
  return matches.index < 0 ? `${matches.count}+ results` : `${matches.index + 1} of ${matches.count}`
}
