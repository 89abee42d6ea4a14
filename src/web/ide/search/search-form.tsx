import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
import { Icon, type IconName } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { ProjectSearch, SearchInput } from './project-search.ts'

/** After the last letter; Enter searches at once. */
const SEARCH_AFTER_MS = 300

interface FormProps {
  search: ProjectSearch
  /** Gives the focus to the list of results. */
  onDown: () => void
  onReplaceAll: () => void
}

/** What to look for, where, and what to put in its place. */
export function SearchForm({ search, onDown, onReplaceAll }: FormProps) {
  const workspace = useWorkspace()
  const input = useStore(search.input)
  const { files, status } = useStore(search.state)
  const query = useRef<HTMLTextAreaElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useFocusWhenAsked(workspace.searchFocus, query)
  useEffect(() => () => clearTimeout(timer.current), [])

  const now = () => {
    clearTimeout(timer.current)
    void search.search()
  }
  const change = (part: Partial<SearchInput>) => {
    search.set(part)
    clearTimeout(timer.current)
    timer.current = setTimeout(now, SEARCH_AFTER_MS)
  }
  const switchTo = (part: Partial<SearchInput>) => {
    search.set(part)
    now()
  }
  const older = (step: 1 | -1) => {
    const at = search.queries.indexOf(input.query)
    const next = search.queries[at < 0 ? (step === -1 ? search.queries.length - 1 : -1) : at + step]
    if (next !== undefined) change({ query: next })
  }
  const mayReplace = input.replaces && workspace.mayChange
  return (
    <search className="search-form">
      {workspace.mayChange && (
        <button
          type="button"
          className="tool twist"
          aria-label="Replace"
          title="Replace"
          aria-expanded={input.replaces}
          onClick={() => search.set({ replaces: !input.replaces })}
        >
          <Icon name="chevron" size={12} />
        </button>
      )}
      <div className="fields">
        <Field
          field={query}
          label="Search"
          value={input.query}
          onChange={(value) => change({ query: value })}
          onEnter={() => {
            search.remember()
            now()
          }}
          onDown={onDown}
          onOlder={older}
        >
          <Toggle
            icon="case"
            label="Match case"
            on={input.matchCase}
            onToggle={(matchCase) => switchTo({ matchCase })}
          />
          <Toggle
            icon="word"
            label="Whole words"
            on={input.wholeWord}
            onToggle={(wholeWord) => switchTo({ wholeWord })}
          />
          <Toggle
            icon="regex"
            label="Regular expression"
            on={input.isRegex}
            onToggle={(isRegex) => switchTo({ isRegex })}
          />
        </Field>
        {mayReplace && (
          <div className="replace-row">
            <Field
              label="Replace by"
              value={input.replacement}
              onChange={(replacement) => search.set({ replacement })}
              onEnter={onReplaceAll}
              onDown={onDown}
            >
              <Toggle
                icon="preserveCase"
                label="Keep the case of what is replaced"
                on={input.preserveCase}
                onToggle={(preserveCase) => search.set({ preserveCase })}
              />
            </Field>
            <button
              type="button"
              className="tool"
              aria-label="Replace all"
              title="Replace all (Ctrl+Alt+Enter)"
              disabled={files.length === 0 || status === 'searching'}
              onClick={onReplaceAll}
            >
              <Icon name="replaceAll" size={15} />
            </button>
          </div>
        )}
        {input.detailed && (
          <>
            <Field
              label="Files to include"
              placeholder="Only in: *.ts, src/lib"
              value={input.include}
              onChange={(include) => change({ include })}
              onEnter={now}
              onDown={onDown}
            />
            <Field
              label="Files to exclude"
              placeholder="Not in: *.test.ts, docs"
              value={input.exclude}
              onChange={(exclude) => change({ exclude })}
              onEnter={now}
              onDown={onDown}
            >
              <Toggle
                icon="ignored"
                label="Also ignored files (.gitignore, node_modules)"
                on={input.ignored}
                onToggle={(ignored) => switchTo({ ignored })}
              />
            </Field>
          </>
        )}
      </div>
      <button
        type="button"
        className="tool"
        aria-label="Choose files"
        title="Choose files"
        aria-pressed={input.detailed}
        onClick={() => search.set({ detailed: !input.detailed })}
      >
        <Icon name="more" size={15} />
      </button>
    </search>
  )
}

function useFocusWhenAsked(
  asked: { subscribe: (listener: () => void) => () => void },
  field: RefObject<HTMLTextAreaElement | null>,
) {
  useEffect(() => {
    const focus = () => {
      field.current?.focus()
      field.current?.select()
    }
    focus()
    return asked.subscribe(focus)
  }, [asked, field])
}

interface FieldProps {
  field?: RefObject<HTMLTextAreaElement | null>
  label: string
  placeholder?: string
  value: string
  onChange: (value: string) => void
  onEnter: () => void
  onDown: () => void
  onOlder?: (step: 1 | -1) => void
  children?: ReactNode
}

/** As high as what is typed: Shift+Enter makes a new line. */
function Field({ field, label, placeholder, value, onChange, onEnter, onDown, onOlder, children }: FieldProps) {
  const own = useRef<HTMLTextAreaElement>(null)
  const area = field ?? own
  // biome-ignore lint/correctness/useExhaustiveDependencies: another value has another height
  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight, 160)}px`
  }, [value, area])
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return
    const { selectionStart, selectionEnd } = event.currentTarget
    const isFirstLine = !value.slice(0, selectionStart).includes('\n')
    const isLastLine = !value.slice(selectionEnd).includes('\n')
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) onEnter()
    else if (event.key === 'ArrowDown' && (event.ctrlKey || event.metaKey)) onDown()
    else if (event.key === 'ArrowUp' && onOlder && isFirstLine) onOlder(-1)
    else if (event.key === 'ArrowDown' && onOlder && isLastLine) onOlder(1)
    else return
    event.preventDefault()
  }
  return (
    <div className="search-field">
      <textarea
        ref={area}
        rows={1}
        aria-label={label}
        placeholder={placeholder ?? label}
        title={label}
        value={value}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={press}
      />
      {children}
    </div>
  )
}

interface ToggleProps {
  icon: IconName
  label: string
  on: boolean
  onToggle: (on: boolean) => void
}

function Toggle({ icon, label, on, onToggle }: ToggleProps) {
  return (
    <button
      type="button"
      className="toggle"
      aria-label={label}
      title={label}
      aria-pressed={on}
      onClick={() => onToggle(!on)}
    >
      <Icon name={icon} size={15} />
    </button>
  )
}
