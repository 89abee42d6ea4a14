import { type KeyboardEvent, useMemo } from 'react'
import { rove } from '../../shared/roving.ts'
import { useStore } from '../../shared/use-store.ts'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'
import { grouped, listedProblems, type Problem } from './problem.ts'

/** What the language servers find wrong in the open files. Arrows walk, Enter goes there. */
export function ProblemsView() {
  const workspace = useWorkspace()
  const files = useStore(workspace.languages.problems)
  const byFile = useMemo(() => grouped(listedProblems(files), ({ path }) => path), [files])
  const go = async (problem: Problem) => (await import('./editor/problem-walk.ts')).showProblem(workspace, problem)
  const press = (event: KeyboardEvent<HTMLElement>) => void rove(event, 'button')
  if (byFile.length === 0) {
    return <div className="empty">Nothing is wrong in the open files, as far as the language servers know.</div>
  }
  return (
    <section className="language-list problems" aria-label="Problems" onKeyDown={press}>
      {byFile.map(([path, problems]) => (
        <section key={path} aria-label={path}>
          <div className="file" title={path}>
            <FileMark path={path} />
            <span>{nameOf(path)}</span>
            <span className="where">{parentOf(path)}</span>
            <span className="count">{problems.length}</span>
          </div>
          {problems.map((problem, index) => (
            <button
              type="button"
              // biome-ignore lint/suspicious/noArrayIndexKey: the same problem may be told twice
              key={index}
              className={`line ${problem.severity}`}
              onClick={() => workspace.attempt(go(problem))}
            >
              <i className="mark" role="img" aria-label={problem.severity} />
              <span className="message">{problem.message.split('\n')[0]}</span>
              <span className="where">
                {problem.source} {problem.range.start.line + 1}:{problem.range.start.character + 1}
              </span>
            </button>
          ))}
        </section>
      ))}
    </section>
  )
}
