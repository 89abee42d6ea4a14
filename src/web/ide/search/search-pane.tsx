import '../styles/search.css'
import { useRef } from 'react'
import { Icon, type IconName } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { ProjectSearch } from './project-search.ts'
import { ResultList } from './result-list.tsx'
import { countWords } from './result-rows.ts'
import type { SearchCommands } from './search-commands.ts'
import { SearchForm } from './search-form.tsx'

/** The side view of the search. */
export function SearchPane({ search, actions }: { search: ProjectSearch; actions: SearchCommands }) {
  const { status, files } = useStore(search.state)
  const collapsed = useStore(search.collapsed)
  const list = useRef<HTMLDivElement>(null)
  const isOpen = files.some(({ path }) => !collapsed.has(path))
  return (
    <>
      <div className="heading">
        Search
        <span className="grow" />
        {status === 'searching' ? (
          <Tool icon="stop" label="Stop searching" onPress={() => search.stop()} />
        ) : (
          <Tool icon="refresh" label="Search again" disabled={status === 'idle'} onPress={() => void search.search()} />
        )}
        <Tool icon="clear" label="Clear the search" disabled={status === 'idle'} onPress={() => search.clear()} />
        <Tool
          icon="collapse"
          label={isOpen ? 'Collapse all' : 'Expand all'}
          disabled={files.length === 0}
          onPress={() => search.toggleAll()}
        />
      </div>
      <SearchForm search={search} onDown={() => list.current?.focus()} onReplaceAll={() => actions.replace()} />
      <i className="progress" data-busy={status === 'searching' ? '' : undefined} />
      <Summary search={search} />
      <ResultList search={search} actions={actions} list={list} />
    </>
  )
}

interface ToolProps {
  icon: IconName
  label: string
  disabled?: boolean
  onPress: () => void
}

function Tool({ icon, label, disabled = false, onPress }: ToolProps) {
  return (
    <button type="button" className="tool" aria-label={label} title={label} disabled={disabled} onClick={onPress}>
      <Icon name={icon} size={15} />
    </button>
  )
}

function Summary({ search }: { search: ProjectSearch }) {
  const { status, files, matches, isReduced, truncated, problem, options } = useStore(search.state)
  if (status === 'idle') {
    return <p className="search-summary">Type what to look for in all files. Files that git ignores are left out.</p>
  }
  if (problem !== undefined) {
    return (
      <p className="search-summary bad" role="alert">
        {problem}
      </p>
    )
  }
  const isNarrow = options?.include !== '' || options?.exclude !== ''
  if (matches === 0 && isReduced) {
    return (
      <p className="search-summary" role="status">
        Nothing is left on the list.
      </p>
    )
  }
  return (
    <p className="search-summary" role="status">
      {matches > 0 && countWords(matches, files.length)}
      {matches > 0 && status === 'searching' && ' so far'}
      {matches === 0 && status === 'done' && 'Nothing was found.'}
      {matches === 0 && status === 'searching' && 'Searching ...'}
      {matches === 0 && status === 'done' && isNarrow && ' Only some files were looked through: see above.'}
      {truncated && (
        <strong>There are more: only the first ones are listed. Say more exactly what to look for, or where.</strong>
      )}
    </p>
  )
}
