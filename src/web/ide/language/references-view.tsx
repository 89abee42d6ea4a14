import type { KeyboardEvent } from 'react'
import { rove } from '../../shared/roving.ts'
import { useStore } from '../../shared/use-store.ts'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'
import { type Reference, references } from './references.ts'
import { showPlace } from './show-place.ts'

/** Where a name is used, file by file. Arrows walk, Enter goes there. */
export function ReferencesView() {
  const workspace = useWorkspace()
  const found = useStore(references)
  const go = (reference: Reference) => showPlace(workspace, workspace.languages, reference)
  const press = (event: KeyboardEvent<HTMLElement>) => void rove(event, 'button')
  if (!found) return <div className="empty">Shift+F12 in an editor lists where a name is used.</div>
  return (
    <section className="language-list" aria-label="References" onKeyDown={press}>
      <div className="summary">
        {found.count} {found.count === 1 ? 'place' : 'places'}
        {found.title !== '' && ` of ${found.title}`}
      </div>
      {found.files.map((file) => (
        <section key={file.uri} aria-label={file.title}>
          <div className="file" title={file.title}>
            <FileMark path={file.title} />
            <span>{nameOf(file.title)}</span>
            <span className="where">{parentOf(file.title)}</span>
            <span className="count">{file.references.length}</span>
          </div>
          {file.references.map((reference) => (
            <button
              type="button"
              className="line"
              key={`${reference.range.start.line}:${reference.range.start.character}`}
              title={`Line ${reference.range.start.line + 1}`}
              onClick={() => go(reference)}
            >
              <code>
                {reference.line.slice(0, reference.from)}
                <mark>{reference.line.slice(reference.from, reference.to)}</mark>
                {reference.line.slice(reference.to)}
              </code>
            </button>
          ))}
        </section>
      ))}
    </section>
  )
}
