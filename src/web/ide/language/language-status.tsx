import { useMemo } from 'react'
import { languageOfFile, serverTitles } from '../../../core/language-servers.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { countProblems, listedProblems } from './problem.ts'

/** How many problems there are; shows them. */
export function ProblemCount() {
  const { languages, layout } = useWorkspace()
  const files = useStore(languages.problems)
  const { errors, warnings } = useMemo(() => countProblems(listedProblems(files)), [files])
  const label = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  return (
    <button
      type="button"
      className="problem-count"
      data-testid="problems"
      title={`${label}: show them (Ctrl+Shift+M)`}
      aria-label={label}
      onClick={() => layout.togglePanelView('problems')}
    >
      <Icon name="error" size={13} />
      {errors}
      <Icon name="warning" size={13} />
      {warnings}
    </button>
  )
}

/** How the server of the shown file's language is. */
export function ServerStatus() {
  const { languages, notices, tabs } = useWorkspace()
  useStore(tabs.state)
  const statuses = useStore(languages.statuses)
  const server = tabs.activeFile === undefined ? undefined : languageOfFile(tabs.activeFile)?.server
  const status = server && statuses.get(server)
  if (!status || status.state === 'stopped') return null
  const { state, detail } = status
  const title = serverTitles[status.server]
  const restart = () => notices.attempt(languages.restart(status.server))
  if (state === 'failed') {
    return (
      <button
        type="button"
        className="server bad"
        data-testid="language-server"
        data-state={state}
        title={detail}
        onClick={restart}
      >
        {title}: failed. <u>Restart</u>
      </button>
    )
  }
  return (
    <span
      className="server"
      data-testid="language-server"
      data-state={state}
      role="status"
      aria-label={`${title}: ${detail ?? state}`}
      title={`${title}: ${detail ?? state}`}
    >
      {state === 'starting' && `${title}: starting`}
      {state === 'ready' && (detail === undefined ? <Icon name="check" size={13} /> : `${title}: ${detail}`)}
    </span>
  )
}
